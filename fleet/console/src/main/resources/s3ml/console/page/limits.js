// What this console cannot know, in words.
import {el} from './dom.js';

const LIMITS = [
  ['No secret', 'Inputs, outputs, models, keys and secrets exist in enclaves only. None of them passes through the control plane, the console or this '
    + 'page, so an operator who looks here sees none, and neither does who breaks into this console.'],
  ['Hosts may lie', 'Paging, latency, queues and processors are what each host\'s agent reports. Nothing attests them. A host that lies can lose or '
    + 'attract load within the bounds of the policy; it learns no secret by it.'],
  ['States are worked out here', 'The words silent, paging, slow, reduced and calm are this page\'s, from the reported numbers and the models\' limits. '
    + 'The reasons are the policy\'s own.'],
  ['Attainment is an estimate', 'Agents report a p99 per replica. A replica that keeps its objective counts with all its requests, one that misses it '
    + 'with none.'],
  ['Evidence is not appraised', 'This page checks that the AECS\'s quote covers its answer and a fresh nonce. It does not check who signed the quote: '
    + 'that takes the vendor\'s collateral and a policy. ./s3ml verify does.'],
  ['Identity by first sight', 'That the AECS is the one of last time is known to this browser only, from its own memory. A witness (./s3ml log witness) '
    + 'compares for everybody.'],
  ['Refusals without names', 'Which enclave of which service was refused, and for which claim, is told to the admin of that service only. Here are '
    + 'counts by code.'],
  ['Names in the log', 'Services stand in the log under pseudonyms, leases as digests, policies and admins as salted commitments. Who may know a service learns how to open them with its description and receipts.'],
  ['The past', 'The curves begin when this page was opened, and have gaps where it was not in sight. For anything older there are metrics.'],
];

export class LimitsView {
  title = 'What it cannot know';

  constructor({session}) {
    this.session = session;
    this.sources = el('p', {class: 'muted'});
    this.node = el('div', {}, el('h1', {}, 'What this console cannot know'), this.sources,
      ...LIMITS.flatMap(([title, words]) => [el('h2', {}, title), el('p', {}, words)]));
  }

  update() {
    const {control, aecs, counters} = this.session;
    this.sources.textContent = `It asks the control plane ${control || '(unknown)'}, `
      + (aecs ? `the AECS ${aecs}` : 'no AECS') + (counters ? ' and its metrics page' : '') + ', and only reads.';
  }
}
