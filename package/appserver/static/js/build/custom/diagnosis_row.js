// An opened row of the Account tab: the account's certificates, and the button that says what is wrong with the way.
// Whatever splunkd, Qualys or a proxy answers is shown as text, never as HTML.

import { CONTROL, OpenedRow, call, element, pairs } from './splunkd_call.js';

const STAGES = [
    ['way', 'Trying the way to Qualys'],
    ['login', 'Logging in, and asking each API'],
    ['server', 'Looking at this server'],
];
const MARKS = { ok: '✓', warning: '!', failed: '✗', 'left out': '–' };
const COLORS = { ok: '#1e9e47', warning: '#c27a00', failed: '#e5484d', 'left out': 'inherit' }; // on light and on dark
const CELL = 'padding: 2px 16px 2px 0; text-align: left; vertical-align: top;';

export default class DiagnosisRow extends OpenedRow {
    open(details) {
        const facts = element('dl', '', { style: 'display: grid; gap: 4px 16px; grid-template-columns: max-content 1fr; margin: 8px 0;' });
        facts.append(...pairs(details));
        this.button = element('button', 'Diagnose', { type: 'button', style: `${CONTROL} cursor: pointer;`, 'data-test': 'Diagnose' });
        this.button.addEventListener('click', () => this.diagnose());
        this.note = element('span', 'Logs in to Qualys once and changes nothing.', { role: 'status', style: 'margin-left: 12px;' });
        this.table = element('table', '', { class: 'qualys-diagnosis', style: 'border-collapse: collapse; margin: 8px 0;' });
        const bar = element('div', '', { style: 'margin: 8px 0;' });
        bar.append(this.button, this.note);
        this.el.replaceChildren(facts, bar, this.table);
    }

    async diagnose() {
        this.button.disabled = true;
        this.table.replaceChildren();
        const verdicts = [];
        try {
            let broken = '';
            for (const [place, [stage, doing]] of STAGES.entries()) {
                this.note.textContent = `${doing} … (${place + 1} of ${STAGES.length})`;
                const told = await call(this.globalConfig, 'diagnosis', this.row.name, { stage, broken });
                const lines = JSON.parse(told.lines);
                this.table.append(...lines.map(line));
                verdicts.push(...lines.map(({ verdict }) => verdict));
                broken = told.broken;
            }
            this.note.textContent = closing(verdicts);
        } catch (error) {
            this.note.textContent = error.message;
        }
        this.button.disabled = false;
    }
}

function line({ label, verdict, found, todo }) {
    const row = element('tr', '');
    const what = element('td', found, { style: CELL });
    if (todo) {
        what.append(element('div', todo, { style: 'font-weight: 600;' }));
    }
    const mark = element('span', MARKS[verdict] ?? '', { style: `color: ${COLORS[verdict] ?? 'inherit'}; font-weight: 600;` });
    const told = element('td', '', { style: `${CELL} white-space: nowrap;` });
    told.append(mark, ` ${verdict}`);
    row.append(
        told,
        element('th', label, { scope: 'row', style: `${CELL} font-weight: 400; white-space: nowrap;` }),
        what,
    );
    return row;
}

function closing(verdicts) {
    const count = (wanted) => verdicts.filter((verdict) => verdict === wanted).length;
    const told = [[count('failed'), 'failed'], [count('warning'), 'to look at']].filter(([number]) => number);
    return told.length ? told.map(([number, what]) => `${number} ${what}`).join(', ') : 'All is well.';
}
