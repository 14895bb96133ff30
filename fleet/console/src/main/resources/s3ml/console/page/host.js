// One host: what it reported, what was decided, and the numbers in between.
import {el, text, table, mark, round, percent, time} from './dom.js';
import {STATES, REMEMBERED} from './fleet.js';

const PAGE_MIB = 4096 / (1 << 20);

export class HostView {
  constructor({fleet}, [name]) {
    this.fleet = fleet;
    this.name = name ?? '';
    this.title = this.name;
    this.state = el('p');
    this.why = el('ul');
    this.signals = table('What the policy looks at', [['Signal'], ['Value', 'number'], ['Limit', 'number'], ['Of the limit', 'number']]);
    this.replicas = table('Replicas', [['Replica'], ['Model'], ['Gets load'], ['Weight', 'number'], ['Arrivals/s', 'number optional'],
      ['Outstanding', 'number optional'], ['p99, ms', 'number'], ['Objective, ms', 'number']]);
    this.chart = el('canvas', {class: 'chart', role: 'img'});
    this.node = el('div', {}, el('p', {}, el('a', {href: '#/hosts'}, 'All hosts')), el('h1', {}, this.name), this.state,
      el('h2', {}, 'Why it has this weight'), this.why, this.signals.box, el('h2', {}, 'Paging and weight'), this.chart,
      el('h2', {}, 'Replicas'), this.replicas.box);
  }

  update() {
    const host = this.fleet.hosts.get(this.name);
    if (!host) {
      text(this.state, this.fleet.updates > 0 ? 'The control plane knows no host of this name.' : 'Nothing is known yet.');
      return;
    }
    this.say(host);
    sync(this.why, host.reasons.length > 0 ? host.reasons : ['nothing spoke against its full weight'], () => el('li'), text);
    this.fillSignals(host);
    sync(this.replicas.body, host.replicas, replicaRow, (row, replica) => fillReplica(row, replica, this.fleet.models.get(replica.model)));
    this.draw(host);
  }

  say(host) {
    const kind = STATES[host.state];
    const words = `: ${kind.why}. Weight ${round(host.weight, 3)}`
      + (host.reportedAt ? `, report of ${time(host.reportedAt)}.` : ', it has not reported.');
    if (this.state.dataset.said !== host.state + words) {
      this.state.dataset.said = host.state + words;
      this.state.replaceChildren(mark(host.state, kind.word), words);
    }
  }

  fillSignals(host) {
    const paging = host.paging ?? {};
    const mib = pages => round(pages * PAGE_MIB) + ' MiB';
    const rows = [
      ['Contention (the lesser of the two rates), pages/s', round(host.contention), round(host.threshold), percent(host.contention / host.threshold)],
      ['Loaded, pages/s', round(paging.loaded), '', ''],
      ['Evicted, pages/s', round(paging.evicted), '', ''],
      ['EPC in use', host.paging ? mib(paging.total - paging.free) : '–', host.paging ? mib(paging.total) : '–', percent(host.used)],
      ['Worst p99 over its objective', round(host.latency, 2), '1.00', percent(host.latency)],
      ['Processors busy', percent(host.cpu), host.processors ? String(host.processors) : '–', ''],
    ];
    sync(this.signals.body, rows, () => el('tr', {}, el('th', {scope: 'row'}), ...Array.from({length: 3}, () => el('td', {class: 'number'}))),
      (row, values) => values.forEach((value, index) => text(row.children[index], value)));
  }

  draw(host) {
    const width = this.chart.clientWidth || 640, height = this.chart.clientHeight || 144, scale = devicePixelRatio || 1;
    this.chart.width = width * scale;
    this.chart.height = height * scale;
    const pen = this.chart.getContext('2d');
    const style = getComputedStyle(document.documentElement);
    pen.scale(scale, scale);
    let most = Number.isFinite(host.threshold) ? host.threshold * 1.5 : 1, count = 0, lowest = 1;
    host.history.each((paging, weight) => {
      most = Math.max(most, paging);
      lowest = Math.min(lowest, weight);
      count++;
    });
    const x = index => (index / (REMEMBERED - 1)) * width;
    const line = (value, dash, colour, wide) => {
      pen.beginPath();
      let index = REMEMBERED - count;
      host.history.each((paging, weight) => pen.lineTo(x(index++), height - 4 - value(paging, weight) * (height - 8)));
      pen.setLineDash(dash);
      pen.strokeStyle = style.getPropertyValue(colour);
      pen.lineWidth = wide;
      pen.stroke();
    };
    line((paging, weight) => weight, [], '--reduced', 2);
    line(paging => paging / most, [6, 3], '--paging', 2);
    if (Number.isFinite(host.threshold)) line(() => host.threshold / most, [1, 4], '--soft', 1);
    this.chart.setAttribute('aria-label', `The last ${count} ticks. Weight, whole line: now ${round(host.weight, 3)}, lowest ${round(lowest, 3)}. `
      + `Paging, dashed line: now ${round(host.contention)} pages a second; the dotted line is the limit.`);
  }
}

function replicaRow() {
  const number = style => el('td', {class: 'number ' + style});
  return el('tr', {}, el('th', {scope: 'row'}), el('td'), el('td', {}, mark('calm', '')), number(''), number('optional'), number('optional'),
    number(''), number(''));
}

function fillReplica(row, replica, model) {
  const [name, kind, load, ...numbers] = row.children;
  text(name, replica.name);
  text(kind, replica.model);
  text(load.firstChild, replica.active ? 'yes' : 'parked');
  load.firstChild.className = 'mark ' + (replica.active ? 'yes' : 'reduced');
  [String(replica.weight), round(replica.arrivals, 1), round(replica.outstanding, 1), replica.p99 > 0 ? round(replica.p99, 1) : '–',
    model ? round(model.objective) : '–'].forEach((value, index) => text(numbers[index], value));
}

/** As many children as values, each filled by its value. */
export function sync(parent, values, make, fill) {
  while (parent.children.length > values.length) parent.lastElementChild.remove();
  while (parent.children.length < values.length) parent.append(make());
  values.forEach((value, index) => fill(parent.children[index], value));
}
