// The first view: what is wrong, the picture, and a line for each topic, queue and peer.
import * as actions from './actions.js';
import { keyOf, ratesOf } from './history.js';
import { Component, html } from './lib.js';
import { Act, Bar, Cell, Icon, Spark, State, Table, toneOf } from './parts.js';
import { Picture } from './picture.js';
import { problems } from './problems.js';
import { ago, count, millis, perMinute, plural, seconds } from './text.js';

export const hrefOf = ({ engine, topic }) => `#/topics/${encodeURIComponent(engine)}/${encodeURIComponent(topic)}`;

const sum = (list, figure) => list.reduce((total, each) => total + (figure(each) ?? 0), 0);

const failed = ({ failures }) => (failures ? (failures.retry ?? 0) + (failures.incident ?? 0) : null);

const Problem = ({ problem }) => html`
  <li class="problem ${problem.tone}">
    <${Icon} tone=${problem.tone} />
    <div>
      <p class="what"><span class="unseen">${{ bad: 'Problem: ', warn: 'Warning: ', idle: 'Note: ' }[problem.tone]}</span>${problem.what}</p>
      ${problem.detail && html`<p class="detail">${problem.detail}</p>`}
      ${problem.advice && html`<p class="advice"><b>What to do:</b> ${problem.advice}</p>`}
    </div>
    <div class="buttons">
      ${problem.topic && html`<a class="button" href=${hrefOf(problem.topic)}>Look<span class="unseen"> at ${problem.topic.topic}</span></a>`}
      ${problem.href && html`<a class="button" href=${problem.href}>Look<span class="unseen"> at the parked messages</span></a>`}
      ${problem.act && html`<${Act} label=${problem.act.label} about=${problem.topic?.topic} onClick=${problem.act.run} />`}
    </div>
  </li>`;

const Problems = ({ found, topics }) => html`
  <section aria-labelledby="problems">
    <h2 id="problems">${found.length ? plural(found.length, 'thing') + ' to look at' : 'All is well'}</h2>
    ${found.length
      ? html`<ul class="problems" role="list">${found.map((problem) => html`<${Problem} problem=${problem} />`)}</ul>`
      : html`<p class="well"><${Icon} tone="ok" /> ${topics ? 'Every topic is fetched, every peer answers, nothing is parked.' : 'Every peer answers.'}</p>`}
  </section>`;

const Tiles = ({ snapshot: { topics, queues, parked } }) => {
  const incidents = topics.some((topic) => topic.openIncidents !== null) ? sum(topics, (topic) => topic.openIncidents) : null;
  const tiles = [
    ['Done per minute', perMinute(sum(topics, (topic) => topic.completedPerMinute))],
    ['In work', count(sum(topics, (topic) => topic.inWork))],
    ['Open incidents', count(incidents), incidents > 0],
    ['Messages waiting', count(sum(queues, (queue) => queue.waiting))],
    ['Messages parked', count(parked?.messages), parked?.messages > 0],
  ];
  return html`<dl class="tiles">${tiles.map(([name, value, bad]) => html`
    <div><dt>${name}</dt><dd class=${bad ? 'bad-text' : ''}>${value}</dd></div>`)}</dl>`;
};

const pair = (p50, p95) => (p50 === null && p95 === null) || p50 === undefined ? '–' : html`${millis(p50)} <span class="muted">/ ${millis(p95)}</span>`;

const TOPIC_HEADS = [
  ['Topic'], ['State'], ['In work', 'n'], ['Done / min', 'n'], ['Gateway p50 / p95', 'n'], ['Task p50 / p95', 'n'],
  ['Failures', 'n'], ['Incidents', 'n'], ['Oldest', 'n'], [html`<span class="unseen">Actions</span>`],
];

const TopicRow = ({ topic, engines }) => html`
  <tr role="row" class=${toneOf(topic.state)}>
    <th role="rowheader" scope="row">
      <a href=${hrefOf(topic)}>${topic.topic}</a>
      <span class="sub">${engines > 1 && html`<b>${topic.engine}</b> · `}${topic.description}</span>
    </th>
    <${Cell} label="State"><${State} of=${topic.state} /><//>
    <${Cell} label="In work" kind="n">${count(topic.inWork)} <span class="muted">/ ${count(topic.permits)}</span><${Bar} used=${topic.inWork} of=${topic.permits} /><//>
    <${Cell} label="Done / min" kind="n">${perMinute(topic.completedPerMinute)} <${Spark} values=${ratesOf(topic)} /><//>
    <${Cell} label="Gateway p50 / p95" kind="n">${pair(topic.gatewayP50Millis, topic.gatewayP95Millis)}<//>
    <${Cell} label="Task p50 / p95" kind="n">${pair(topic.taskP50Millis, topic.taskP95Millis)}<//>
    <${Cell} label="Failures" kind="n">${count(failed(topic))}<//>
    <${Cell} label="Incidents" kind="n ${topic.openIncidents > 0 ? 'bad-text' : ''}">${count(topic.openIncidents)}<//>
    <${Cell} label="Oldest" kind="n">${seconds(topic.oldestInWorkSeconds)}<//>
    <${Cell} label="" kind="acts"><${PauseOrResume} topic=${topic} /><//>
  </tr>`;

export const PauseOrResume = ({ topic }) =>
  topic.state === 'paused'
    ? html`<${Act} label="Resume …" about=${topic.topic} onClick=${() => actions.resume(topic)} />`
    : html`<${Act} label="Pause …" about=${topic.topic} onClick=${() => actions.pause(topic)} />`;

const worstFirst = (one, other) => {
  const weight = (topic) => ['bad', 'warn', 'idle', 'ok'].indexOf(topic.openIncidents > 0 ? 'bad' : toneOf(topic.state));
  return weight(one) - weight(other) || keyOf(one).localeCompare(keyOf(other));
};

class Topics extends Component {
  render({ topics, engines }, { filter = '' }) {
    const wanted = filter.trim().toLowerCase();
    const shown = topics.filter((t) => `${t.topic} ${t.description} ${t.engine} ${t.state}`.toLowerCase().includes(wanted)).sort(worstFirst);
    return html`
      <section aria-labelledby="topics">
        <div class="head">
          <h2 id="topics">Topics <span class="muted">${shown.length === topics.length ? count(topics.length) : `${count(shown.length)} of ${count(topics.length)}`}</span></h2>
          ${topics.length > 0 && html`<label class="find">Find a topic
            <input type="search" value=${filter} onInput=${(event) => this.setState({ filter: event.target.value })} /></label>`}
        </div>
        ${topics.length === 0 && html`<p class="empty">No topics yet: put a topic file into the folder that <code>etd.routes</code> names, and it appears here.</p>`}
        ${topics.length > 0 && shown.length === 0 && html`<p class="empty">No topic matches “${filter}”.</p>`}
        ${shown.length > 0 && html`<${Table} caption="Topics, those with problems first" heads=${TOPIC_HEADS}>
          ${shown.map((topic) => html`<${TopicRow} key=${keyOf(topic)} topic=${topic} engines=${engines} />`)}<//>`}
      </section>`;
  }
}

const QUEUE_HEADS = [['Queue'], ['State'], ['Received', 'n'], ['Correlated', 'n'], ['Waiting for a subscription', 'n'], ['Parked', 'n'], ['Repeats', 'n'], ['Last success', 'n']];

const Queues = ({ queues, now }) => html`
  <section aria-labelledby="queues">
    <h2 id="queues">Inbound queues <span class="muted">${count(queues.length)}</span></h2>
    ${queues.length === 0
      ? html`<p class="empty">No queue is consumed: a file in <code>receive/</code> that names one appears here.</p>`
      : html`<${Table} caption="Inbound queues" heads=${QUEUE_HEADS}>${queues.map((queue) => html`
        <tr role="row" key=${queue.route} class=${toneOf(queue.state)}>
          <th role="rowheader" scope="row"><span class="name">${queue.queue}</span><span class="sub">${queue.description ?? queue.route}</span>
            ${queue.lastError && html`<span class="sub"><b>Last error ${ago(queue.lastErrorAt, now)}:</b> ${queue.lastError}</span>`}</th>
          <${Cell} label="State"><${State} of=${queue.state} /><//>
          <${Cell} label="Received" kind="n">${count(queue.received)}<//>
          <${Cell} label="Correlated" kind="n">${count(queue.correlated)}<//>
          <${Cell} label="Waiting for a subscription" kind="n">${count(queue.waiting)}<//>
          <${Cell} label="Parked" kind="n ${queue.parked > 0 ? 'bad-text' : ''}">${queue.parked > 0 ? html`<a href="#/parked">${count(queue.parked)}</a>` : count(queue.parked)}<//>
          <${Cell} label="Repeats" kind="n">${count(queue.repeated)}<//>
          <${Cell} label="Last success" kind="n">${ago(queue.lastSuccess, now)}<//>
        </tr>`)}<//>`}
  </section>`;

const PEER_HEADS = [['Peer'], ['State'], ['Where'], ['Traffic'], ['Last error']];

const peersOf = ({ engines, gateways, broker }) => [
  ...engines.map((e) => ({ kind: 'Engine', ...e, where: e.baseUrl, traffic: `asked ${seconds(e.lastPollSecondsAgo)} ago` })),
  ...gateways.map((g) => ({
    kind: 'Gateway', ...g, where: g.baseUrl, circuitState: g.circuit,
    traffic: `${perMinute(g.callsPerMinute)}/min, p50 ${millis(g.p50Millis)}, p95 ${millis(g.p95Millis)}`,
  })),
  ...(broker.state !== 'UNUSED' ? [{ kind: 'Broker', name: '', ...broker, where: '', circuitState: broker.circuit, lastError: broker.reason, traffic: `${perMinute(broker.publishedPerMinute)}/min sent` }] : []),
];

const Peers = ({ snapshot }) => html`
  <section aria-labelledby="peers">
    <h2 id="peers">Engines, gateways and broker</h2>
    <${Table} caption="Engines, gateways and broker" heads=${PEER_HEADS}>${peersOf(snapshot).map((peer) => html`
      <tr role="row" key=${`${peer.kind} ${peer.name}`} class=${toneOf(peer.state)}>
        <th role="rowheader" scope="row">${peer.kind} ${peer.name}</th>
        <${Cell} label="State"><${State} of=${peer.state} />${peer.circuitState && html` <span class="muted">circuit ${peer.circuitState}</span>`}<//>
        <${Cell} label="Where" kind="long">${peer.where || '–'}<//>
        <${Cell} label="Traffic">${peer.traffic}<//>
        <${Cell} label="Last error" kind="long">${peer.lastError ? html`${peer.lastError} ${peer.lastErrorAt && html`<span class="muted">${ago(peer.lastErrorAt, snapshot.now)}</span>`}` : 'none'}<//>
      </tr>`)}<//>
  </section>`;

export const Overview = ({ snapshot }) => html`
  <h1 class="unseen" tabindex="-1">Overview</h1>
  <${Problems} found=${problems(snapshot)} topics=${snapshot.topics.length} />
  <section class="panel" aria-label="The picture">
    <${Picture} snapshot=${snapshot} />
    <${Tiles} snapshot=${snapshot} />
  </section>
  <${Topics} topics=${snapshot.topics} engines=${snapshot.engines.length} />
  <${Queues} queues=${snapshot.queues} now=${snapshot.now} />
  <${Peers} snapshot=${snapshot} />`;
