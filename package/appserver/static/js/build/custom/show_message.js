// UCC tells why a save was refused at the top of the form, which is out of sight at the end of a long tab.
export default class ShowMessage {
    onSaveFail() {
        window.scrollTo({ top: 0, behavior: 'smooth' });
    }
}
