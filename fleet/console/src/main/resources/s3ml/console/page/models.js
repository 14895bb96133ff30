// All models: whether their objectives are kept, how many replicas they have and should have, and why.
import {el, text, round, percent} from './dom.js';
import {sync} from './host.js';

export class ModelsView {
  title = 'Models';

  constructor({fleet}) {
    this.fleet = fleet;
    this.list = el('div');
    this.node = el('div', {}, el('h1', {}, 'Models'),
      el('p', {class: 'muted'}, 'Attainment is the share of arriving requests at replicas whose p99 keeps the objective: hosts report '
        + 'a p99 per replica, not each request.'), this.list);
  }

  update() {
    sync(this.list, [...this.fleet.models.values()], card, (node, model) => this.fill(node, model));
    if (this.fleet.models.size === 0) text(this.list, 'No model is known yet.');
  }

  fill(node, model) {
    const sum = this.fleet.attainment.get(model.model);
    if (!sum) return;
    text(node.querySelector('h2'), model.model);
    const average = sum.ticks > 0 ? sum.sinceOpened / sum.ticks : NaN;
    const facts = [
      ['Within objective now', percent(sum.share), `${round(sum.arrivals)} requests a second`],
      ['Within objective, mean', percent(average), `of ${sum.ticks} ticks since this page was opened`],
      ['Replicas', `${sum.active}`, `${sum.parked} parked, ${model.desired} wanted`],
      ['Objective, p99', round(model.objective) + ' ms', round(model.service, 1) + ' ms of service on a core'],
      ['Paging limit', model.threshold > 0 ? round(model.threshold) : 'none', model.threshold > 0 ? 'pages a second on its host' : 'judged by latency alone'],
      ['Working set', round(model.workingSet * 4096 / (1 << 20)) + ' MiB', `${model.workingSet} pages`],
    ];
    sync(node.querySelector('dl'), facts, () => el('div', {}, el('dt'), el('dd', {}, el('span'), el('small'))), (tile, [title, value, note]) => {
      text(tile.children[0], title);
      text(tile.children[1].children[0], value);
      text(tile.children[1].children[1], note);
    });
    const words = model.actions.map(action => 'now: ' + action).concat(model.reasons.map(reason => 'because ' + reason));
    sync(node.querySelector('ul'), words, () => el('li'), text);
  }
}

function card() {
  return el('section', {class: 'card'}, el('h2'), el('dl', {class: 'tiles'}), el('ul'));
}
