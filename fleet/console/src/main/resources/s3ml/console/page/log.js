// The transparency log, with its proofs checked here.
import {el, fault, mark, table, date, text} from './dom.js';
import {checkList, refusals} from './attestation.js';
import {hex} from './wire.js';

const EVERY_MILLIS = 5000;
const SHOWN = 64;
/** Two hashes for each entry; more than this belongs to `s3ml log save`. */
const MOST_CHECKED = 200_000;

export class LogView {
  title = 'Log';

  constructor({aecs}) {
    this.aecs = aecs;
    this.head = el('div');
    this.verdict = el('p', {role: 'status'});
    this.check = el('button', {type: 'button'}, 'Check the whole log');
    this.table = table('Newest entries', [['Entry', 'number'], ['When'], ['What'], ['Service (pseudonym)', 'optional'], ['Detail'], ['Proof']]);
    this.entries = el('div', {hidden: true}, el('h2', {}, 'Newest entries'), this.check, this.verdict, this.table.box);
    this.node = el('div', {}, el('h1', {}, 'Transparency log'), this.head, this.entries);
    this.check.addEventListener('click', () => this.whole());
    this.timer = setInterval(() => this.look(), EVERY_MILLIS);
    this.look();
  }

  leave() {
    clearInterval(this.timer);
  }

  update() {}

  async look() {
    if (this.aecs.absent) {
      this.head.replaceChildren(el('p', {}, this.aecs.absent));
      return;
    }
    try {
      const seen = await this.aecs.look();
      this.head.replaceChildren(...this.headNodes(seen));
      if (this.shown !== seen.head.size) {
        this.shown = seen.head.size;
        this.table.body.replaceChildren(...(await this.aecs.newest(SHOWN)).map(shown => this.row(shown)));
        this.entries.hidden = false;
      }
    } catch (failed) {
      this.head.replaceChildren(fault(failed.message));
    }
  }

  headNodes({head, checks}) {
    return [
      ...refusals(checks),
      el('p', {}, `${head.size} entries, signed ${date(head.at)}, root `, el('span', {class: 'hash'}, hex(head.root))),
      checkList(checks),
    ];
  }

  row(shown) {
    const {index, entry} = shown;
    const detail = entry.action || hex(entry.measurement).slice(0, 16);
    const result = el('span', {role: 'status'});
    const button = el('button', {type: 'button', 'aria-label': 'Prove entry ' + index}, 'Prove');
    button.addEventListener('click', async () => {
      try {
        const {ok, words} = await this.aecs.prove(shown);
        result.replaceChildren(mark(ok ? 'yes' : 'no', ''), words);
      } catch (failed) {
        text(result, failed.message);
      }
    });
    return el('tr', {}, el('th', {scope: 'row', class: 'number'}, String(index)), el('td', {}, date(entry.at)), el('td', {}, entry.kind),
      el('td', {class: 'hash optional'}, hex(entry.service)), el('td', {class: 'text'}, detail + (entry.simulated ? ' (SIMULATED)' : '')),
      el('td', {}, button, ' ', result));
  }

  async whole() {
    if (this.aecs.seen.head.size > MOST_CHECKED) {
      text(this.verdict, `The log has more than ${MOST_CHECKED} entries: ./s3ml log save checks it as it reads.`);
      return;
    }
    this.check.disabled = true;
    try {
      const {ok, words} = await this.aecs.whole((done, all) => text(this.check, `Checked ${done} of ${all}`));
      this.verdict.replaceChildren(mark(ok ? 'yes' : 'no', words));
    } catch (failed) {
      text(this.verdict, failed.message);
    }
    text(this.check, 'Check the whole log');
    this.check.disabled = false;
  }
}
