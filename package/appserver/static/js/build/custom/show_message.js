// UCC tells why a form was refused at its top, which is out of sight at the end of a long form.
const MESSAGE = 'form [data-test="message"][data-test-type="error"]';
let shown = '';

function show({ again = false } = {}) {
    const message = document.querySelector(MESSAGE);
    const text = message ? message.textContent : '';
    if (text && (again || text !== shown)) {
        message.scrollIntoView({ block: 'center' });
    }
    shown = text;
}

function showAgain() {
    setTimeout(() => show({ again: true })); // after the form's own checks, or what splunkd said
}

// UCC loads this file while the form is shown already: the first message may be there by now, or come late.
new MutationObserver(() => show()).observe(document.body, { childList: true, characterData: true, subtree: true });
show();

export default class ShowMessage {
    onSave() {
        showAgain();
        return true;
    }

    onSaveFail() {
        showAgain();
    }
}
