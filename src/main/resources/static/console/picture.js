// The picture of the design, with what flows on its edges: who is left and right of the dispatcher, and how they are.
import { receivedPerMinute } from './history.js';
import { html } from './lib.js';
import { toneOf, wordOf } from './parts.js';
import { count, millis, perMinute, plural, shorten } from './text.js';

const MOST = 3; // nodes of a kind; more become "and n others"
const ROW = 84;
const BOX = 64;

const sum = (list, figure) => list.reduce((total, each) => total + (figure(each) ?? 0), 0);

const some = (nodes, kind) => {
  if (nodes.length <= MOST) return nodes;
  const others = nodes.slice(MOST - 1);
  const down = others.filter((node) => toneOf(node.state) === 'bad').length;
  return [
    ...nodes.slice(0, MOST - 1),
    { kind, name: `${others.length} others`, state: down ? 'DOWN' : 'UP', out: '', back: down ? `${down} of them down` : '' },
  ];
};

const engineNodes = ({ engines, topics }) =>
  some(
    engines.map(({ name, state }) => {
      const mine = topics.filter((topic) => topic.engine === name);
      return {
        kind: 'Engine',
        name,
        state,
        out: `${count(sum(mine, (topic) => topic.inWork))} in work`,
        back: `${perMinute(sum(mine, (topic) => topic.completedPerMinute))}/min done`,
      };
    }),
    'Engine',
  );

const gatewayNodes = ({ gateways }) =>
  some(
    gateways.map((gateway) => ({
      kind: 'API gateway',
      name: gateway.name,
      state: gateway.circuit === 'open' ? 'circuitOpen' : gateway.state,
      out: `${perMinute(gateway.callsPerMinute)}/min calls`,
      back: `p95 ${millis(gateway.p95Millis)}`,
    })),
    'API gateway',
  );

const brokerNodes = ({ broker, queues, parked }) =>
  broker.state === 'UNUSED'
    ? []
    : [
        {
          kind: 'Message broker',
          name: parked?.messages > 0 ? `${count(parked.messages)} parked` : plural(queues.length, 'queue'),
          state: broker.state === 'UP' && broker.circuit === 'open' ? 'circuitOpen' : broker.state,
          out: `${perMinute(broker.publishedPerMinute)}/min sent`,
          back: receivedPerMinute() === null ? `${count(sum(queues, (queue) => queue.received))} received` : `${perMinute(receivedPerMinute())}/min received`,
        },
      ];

const taskApplicationNodes = ({ topics }) => {
  const mine = topics.filter((topic) => topic.kind === 'usertask');
  const worst = mine.find((topic) => toneOf(topic.state) === 'bad') ?? mine[0];
  return mine.length
    ? [
        {
          kind: 'Task application',
          name: plural(mine.length, 'user task topic'),
          state: worst.state === 'fetched' || worst.state === 'paused' ? 'UP' : worst.state,
          out: `${perMinute(sum(mine, (topic) => topic.completedPerMinute))}/min tasks`,
          back: '',
        },
      ]
    : [];
};

const place = (nodes, height) => nodes.map((node, i) => ({ ...node, y: (height / nodes.length) * (i + 0.5) }));

const Node = ({ node, x, width }) => {
  const tone = toneOf(node.state);
  return html`
    <g class="node ${tone}" transform="translate(${x} ${node.y - BOX / 2})">
      <rect width=${width} height=${BOX} rx="8" />
      <text x="12" y="19" class="kind">${node.kind}</text>
      <text x="12" y="37" class="name">${shorten(node.name, Math.floor(width / 8.2))}<title>${node.name}</title></text>
      <circle cx="16" cy="50" r="4" class="dot" />
      ${tone === 'bad' && html`<path d="M14 48l4 4m0-4l-4 4" class="cross" />`}
      <text x="25" y="54" class="word">${wordOf(node.state)}</text>
    </g>`;
};

/** Two arrows between the dispatcher and a node: what goes to it above, what comes from it below. */
const Edge = ({ node, inner, outer, swap }) => {
  const broken = toneOf(node.state) === 'bad';
  const line = (y, from, to) => html`<line x1=${from} y1=${y} x2=${to} y2=${y} marker-end=${broken ? 'url(#tip-bad)' : 'url(#tip)'} />`;
  const tip = Math.sign(outer - inner) * 7;
  const [above, below] = swap ? [[outer, inner + tip], [inner, outer - tip]] : [[inner, outer - tip], [outer, inner + tip]];
  const middle = (inner + outer) / 2;
  return html`
    <g class="edge ${broken ? 'broken' : ''}">
      ${line(node.y - 7, ...above)} ${node.back && line(node.y + 7, ...below)}
      <text x=${middle} y=${node.y - 13}>${node.out}</text>
      <text x=${middle} y=${node.y + 21}>${node.back}</text>
    </g>`;
};

const Tips = () => html`
  <defs>
    ${['tip', 'tip-bad'].map((id) => html`
      <marker id=${id} class=${id} viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
        <path d="M0 0l8 4-8 4z" />
      </marker>`)}
  </defs>`;

const Dispatcher = ({ snapshot, x, width, height, narrow }) => {
  const fetched = snapshot.topics.filter((topic) => topic.state === 'fetched').length;
  const lines = narrow
    ? [['name', 'ETD']]
    : [
        ['name', 'External Task Dispatcher'],
        ['word', `${count(fetched)} of ${plural(snapshot.topics.length, 'topic')} fetched`],
        ['word', `${count(sum(snapshot.topics, (topic) => topic.inWork))} of ${plural(sum(snapshot.topics, (topic) => topic.permits), 'permit')} in use`],
        ['word', plural(snapshot.queues.length, 'queue')],
      ];
  const top = height / 2 - (lines.length - 1) * 10 + 5;
  return html`
    <g class="etd">
      <rect x=${x} y="4" width=${width} height=${height - 8} rx="10" />
      ${lines.map(([kind, line], i) => html`<text x=${x + width / 2} y=${top + i * 20} class=${kind}>${line}</text>`)}
    </g>`;
};

const summary = (nodes) => `The dispatcher and its peers. ${nodes.map((node) => `${node.kind} ${node.name}: ${wordOf(node.state)}, ${node.out}${node.back ? `, ${node.back}` : ''}.`).join(' ')}`;

const Wide = ({ snapshot, engines, peers }) => {
  const height = Math.max(engines.length, peers.length, 2) * ROW;
  return html`
    <svg class="picture wide" viewBox="0 0 980 ${height}" role="img" aria-label=${summary([...engines, ...peers])}>
      <${Tips} />
      <${Dispatcher} snapshot=${snapshot} x=${360} width=${240} height=${height} />
      ${place(engines, height).map((node) => html`
        <${Node} node=${node} x=${1} width=${200} /><${Edge} node=${node} inner=${360} outer=${201} swap />`)}
      ${place(peers, height).map((node) => html`
        <${Node} node=${node} x=${779} width=${200} /><${Edge} node=${node} inner=${600} outer=${779} />`)}
    </svg>`;
};

/** On a phone the dispatcher is a rail on the left, with everybody on its right. */
const Narrow = ({ snapshot, engines, peers }) => {
  const height = (engines.length + peers.length) * ROW;
  const nodes = place([...engines.map((node) => ({ ...node, swap: true })), ...peers], height);
  return html`
    <svg class="picture narrow" viewBox="0 0 360 ${height}" role="img" aria-label=${summary(nodes)}>
      <${Tips} />
      <${Dispatcher} snapshot=${snapshot} x=${1} width=${52} height=${height} narrow />
      ${nodes.map((node) => html`
        <${Node} node=${node} x=${185} width=${174} /><${Edge} node=${node} inner=${53} outer=${185} swap=${node.swap} />`)}
    </svg>`;
};

export const Picture = ({ snapshot }) => {
  const engines = engineNodes(snapshot);
  const peers = [...gatewayNodes(snapshot), ...brokerNodes(snapshot), ...taskApplicationNodes(snapshot)];
  const Layout = matchMedia('(max-width: 700px)').matches ? Narrow : Wide;
  return html`<${Layout} snapshot=${snapshot} engines=${engines} peers=${peers} />`;
};
