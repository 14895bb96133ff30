// Leases as the transparency log tells them.
import {el, fault, mark, table, date} from './dom.js';
import {hex} from './wire.js';

const EVERY_MILLIS = 5000;
const SHOWN = 200;

export class LeasesView {
  title = 'Leases';

  constructor({aecs}) {
    this.aecs = aecs;
    this.body = el('div');
    this.node = el('div', {}, el('h1', {}, 'Leases'), el('p', {class: 'muted'}, 'By the newest entries of the log. A service is named by '
      + 'its pseudonym there, and a lease by the digest of its serial: who holds which is for its owner to know. When a lease ends is not in the log.'),
    this.body);
    this.timer = setInterval(() => this.look(), EVERY_MILLIS);
    this.look();
  }

  leave() {
    clearInterval(this.timer);
  }

  update() {}

  async look() {
    if (this.aecs.absent) {
      this.body.replaceChildren(el('p', {}, this.aecs.absent));
      return;
    }
    try {
      const {head, holds} = await this.aecs.look();
      if (this.shown === head.size && holds) return;
      this.shown = head.size;
      this.show(await this.aecs.newest(), holds);
    } catch (failed) {
      this.shown = -1;
      this.body.replaceChildren(fault(failed.message));
    }
  }

  show(entries, holds) {
    const leases = entries.filter(({entry}) => entry.kind === 'released' || entry.kind === 'renewed');
    const rows = el('tbody', {}, ...leases.slice(0, SHOWN).map(({index, entry}) => el('tr', {},
      el('th', {scope: 'row', class: 'hash'}, hex(entry.lease).slice(0, 16)), el('td', {}, entry.kind), el('td', {}, date(entry.at)),
      el('td', {class: 'hash'}, hex(entry.service)), el('td', {class: 'hash optional'}, hex(entry.measurement).slice(0, 16)),
      el('td', {class: 'hash optional'}, hex(entry.policy).slice(0, 16)), el('td', {class: 'number'}, String(entry.epoch)),
      el('td', {}, entry.simulated ? mark('unknown', 'SIMULATED') : mark('yes', 'hardware')), el('td', {class: 'number optional'}, String(index)))));
    const services = new Set(leases.map(({entry}) => hex(entry.service)));
    this.body.replaceChildren(
      ...(holds ? [] : [fault('The log does not hold together: see the view Log.')]),
      el('p', {}, `${leases.length} leases for ${services.size} services among the newest ${entries.length} entries`
        + (leases.length > SHOWN ? `; the newest ${SHOWN} are shown.` : '.')),
      table('Leases', [['Lease'], ['What'], ['When'], ['Service (pseudonym)'], ['Measurement', 'optional'], ['Policy (commitment)', 'optional'], ['Epoch', 'number'],
        ['Evidence'], ['Entry', 'number optional']], rows).box);
  }
}
