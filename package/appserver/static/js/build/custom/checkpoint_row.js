// An opened row of the Inputs page: the input's checkpoint, and the buttons to run it now or to start it again.
// Whatever splunkd answers is shown as text, never as HTML.

import { CONTROL, OpenedRow, call, element, pairs } from './splunkd_call.js';

const SHOWN = [
    ['checkpoint', 'Checkpoint'],
    ['last_start', 'Last start'],
    ['outcome', 'Outcome'],
    ['retry_at', 'Next try'],
    ['message', 'Message'],
    ['asked', 'Waiting for'],
];
const OUTCOMES = {
    never: 'has not run yet',
    running: 'running, or ended before its time: the next tick goes on',
    closed: 'done',
    later: 'tried in vain, will try again',
    held: 'waits until the input or its account is saved anew',
};
const WISHES = { run_now: 'run now', start_again: 'start again' };
const ASKED = 'Asked. splunkd looks once a minute.';
const ASKED_DISABLED = 'Asked. The input is disabled: it runs once it is enabled.';

export default class CheckpointRow extends OpenedRow {
    open(details) {
        this.details = details;
        this.facts = element('dl', '', { class: 'qualys-checkpoint', style: 'display: grid; gap: 4px 16px; grid-template-columns: max-content 1fr; margin: 8px 0;' });
        this.note = element('span', '', { role: 'status', style: 'margin-left: 12px;' });
        this.el.replaceChildren(this.facts, this.buttons());
        this.tell(call(this.globalConfig, 'checkpoint', this.row.name), '');
    }

    buttons() {
        const bar = element('div', '', { style: 'align-items: center; display: flex; flex-wrap: wrap; gap: 8px;' });
        const since = element('input', '', { type: 'text', size: '20', style: CONTROL, 'aria-label': 'Start again from (UTC)', title: 'UTC, YYYY-MM-DDTHH:MM:SSZ' });
        since.value = this.row.start_date ?? '';
        bar.append(
            this.button('Run now', () => ({ action: 'run_now' })),
            this.button('Start again from', () => ({ action: 'start_again', since: since.value })),
            since,
            this.note,
        );
        return bar;
    }

    button(label, wish) {
        const made = element('button', label, { type: 'button', style: `${CONTROL} cursor: pointer;`, 'data-test': label });
        const done = this.row.disabled ? ASKED_DISABLED : ASKED;
        made.addEventListener('click', () => this.tell(call(this.globalConfig, 'checkpoint', this.row.name, wish()), done));
        return made;
    }

    async tell(answer, done) {
        this.latest = answer; // an older answer that comes in later says nothing any more
        this.note.textContent = '…';
        try {
            const state = await answer;
            if (answer === this.latest) {
                this.show(state);
                this.note.textContent = done;
            }
        } catch (error) {
            if (answer === this.latest) {
                this.note.textContent = error.message;
            }
        }
    }

    show(state) {
        const told = { ...state, outcome: OUTCOMES[state.outcome] ?? state.outcome, asked: WISHES[state.asked] ?? state.asked };
        const rows = [...SHOWN.map(([key, label]) => [label, told[key]]), ...this.details];
        this.facts.replaceChildren(...pairs(rows));
    }
}
