// UCC tells why a form was refused at its top, which is out of sight at the end of a long form.
function show() {
    document.querySelector('form [data-test="message"][data-test-type="error"]')?.scrollIntoView({ block: 'center' });
}

export default class ShowMessage {
    onSave() {
        setTimeout(show); // after the form's own checks
        return true;
    }

    onSaveFail() {
        setTimeout(show); // after the page has shown what splunkd said
    }
}
