// What our opened rows have in common: calls of the add-on's own endpoints, and elements that hold text, never HTML.

export const CONTROL = 'background: transparent; border: 1px solid currentColor; border-radius: 4px; color: inherit; font: inherit; padding: 4px 12px;';

export function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
}

export function pairs(rows) {
    return rows
        .filter(([, value]) => value)
        .flatMap(([label, value]) => [element('dt', label, { style: 'font-weight: 600;' }), element('dd', String(value), { style: 'margin: 0;' })]);
}

// The page renders a row at every click; `open(details)` is called once, with labels and values of the row's fields.
export class OpenedRow {
    constructor(globalConfig, serviceName, el, row) {
        this.globalConfig = globalConfig;
        this.el = el;
        this.row = row;
    }

    render(row, moreInfo) {
        this.row = row ?? this.row;
        if (!this.isOpen) {
            this.isOpen = true;
            this.open((moreInfo ?? []).map(({ field, label }) => [label, this.row[field]]));
        }
    }
}

function formKey() {
    const found = document.cookie.match(/splunkweb_csrf_token_\d+=([^;]+)/);
    return found ? decodeURIComponent(found[1]) : '';
}

// The content of <restRoot>_<endpoint>/<name>; with a form it is posted. Throws an Error with words for people.
export async function call(globalConfig, endpoint, name, form) {
    const { name: app, restRoot } = globalConfig.meta;
    const path = `servicesNS/nobody/${app}/${restRoot}_${endpoint}/${encodeURIComponent(name)}?output_mode=json`;
    const answer = await fetch(`${window.$C.SPLUNKD_PATH}/${path}`, {
        method: form ? 'POST' : 'GET',
        headers: { 'X-Requested-With': 'XMLHttpRequest', 'X-Splunk-Form-Key': formKey() },
        body: form && new URLSearchParams(form),
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) {
        const text = told.messages?.[0]?.text ?? `splunkd answered ${answer.status}`;
        throw new Error(text.match(/-- (.*?)"?\. See splunkd\.log/s)?.[1] ?? text);
    }
    return told.entry[0].content;
}
