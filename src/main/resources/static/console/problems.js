// What is wrong, the worst first, each with what to do about it. One cause is told once: topics that an engine or a
// gateway takes with it are counted there.
import * as actions from './actions.js';
import { ago, plural, seconds } from './text.js';

const RECENT = 10 * 60; // seconds for which a failure that repeated by itself stays in the list

// The states of a topic that waits for a peer, which stands in the list itself.
const CAUSED_ELSEWHERE = ['circuitOpen', 'engineDown'];

const secondsSince = (at, now) => (Date.parse(now) - Date.parse(at)) / 1000;

const waiting = (topics) => (topics.length ? ` ${plural(topics.length, 'topic')} wait${topics.length === 1 ? 's' : ''} for it.` : '');

const ofEngines = ({ engines, topics, now }) =>
  engines
    .filter((engine) => engine.state === 'DOWN')
    .map((engine) => ({
      tone: 'bad',
      what: `Engine ${engine.name} does not answer.${waiting(topics.filter((t) => t.engine === engine.name))}`,
      detail: engine.reason ?? engine.lastError,
      advice: `Look whether ${engine.baseUrl} is up and reachable from here. It is asked again by itself, and nothing is lost. Last success: ${ago(engine.lastSuccess, now)}.`,
    }));

const ofGateways = ({ gateways, topics }) =>
  gateways
    .filter((gateway) => gateway.state === 'DOWN')
    .map((gateway) => ({
      tone: 'bad',
      what: `Gateway ${gateway.name} is away, and its circuit is ${gateway.circuit}.${waiting(topics.filter((t) => t.state === 'circuitOpen'))}`,
      detail: gateway.reason ?? gateway.lastError,
      advice: `Look whether ${gateway.baseUrl} is up. Its topics are left out of the fetch, so tasks keep their retries, and a probe brings them back by itself.`,
    }));

const ofBroker = ({ broker }) =>
  broker.state === 'UP' || broker.state === 'UNUSED'
    ? []
    : [
        {
          tone: 'bad',
          what: broker.state === 'BLOCKED' ? 'The broker takes no messages.' : 'The broker does not answer.',
          detail: broker.reason,
          advice:
            broker.state === 'BLOCKED'
              ? 'It is short of memory or disk: make room there. Send topics are left out of the fetch meanwhile.'
              : 'Look whether it is up and the credentials are right. The dispatcher connects again by itself; tasks keep their retries.',
        },
      ];

const ofTopic = (topic, now) => {
  const found = [];
  const link = { topic };
  if (topic.openIncidents > 0) {
    found.push({
      tone: 'bad',
      ...link,
      what: `${plural(topic.openIncidents, 'incident')} in ${topic.topic}`,
      detail: topic.lastError?.message,
      advice: topic.lastError?.advice?.includes('replay') ? `${topic.lastError.advice}.` : 'Mend the cause that each incident names, then replay.',
      act: { label: 'Replay …', run: () => actions.replayAll(topic, topic.openIncidents) },
    });
  } else if (topic.lastError && !CAUSED_ELSEWHERE.includes(topic.state) && secondsSince(topic.lastError.at, now) < RECENT) {
    found.push({
      tone: 'warn',
      ...link,
      what: `${topic.topic} failed ${ago(topic.lastError.at, now)}`,
      detail: topic.lastError.message,
      advice: `${topic.lastError.advice}.`,
    });
  }
  if (topic.state === 'noPermits') {
    found.push({
      tone: 'warn',
      ...link,
      what: `${topic.topic} works on as many tasks as it may: ${topic.inWork} of ${topic.permits}`,
      detail: `The oldest has taken ${seconds(topic.oldestInWorkSeconds)}.`,
      advice: 'Look whether what it calls is slow. If that can take more at once, raise maxConcurrent in the topic’s file.',
    });
  }
  if (topic.state === 'paused') {
    found.push({
      tone: 'idle',
      ...link,
      what: `${topic.topic} is paused`,
      detail: topic.stateReason,
      advice: 'Its tasks wait in the engine until it is resumed.',
      act: { label: 'Resume …', run: () => actions.resume(topic) },
    });
  }
  return found;
};

const ofQueues = ({ queues }) =>
  queues
    .filter((queue) => queue.state === 'paused')
    .map((queue) => ({
      tone: 'idle',
      what: `Queue ${queue.queue} is not consumed`,
      detail: queue.stateReason,
      advice: `Messages wait in the broker until the route ${queue.route} is started.`,
    }));

const ofParked = ({ parked }) =>
  parked?.messages > 0
    ? [
        {
          tone: 'warn',
          what: `${plural(parked.messages, 'message')} parked in ${parked.queue}`,
          advice: 'See why, mend it, and send them back, or discard them.',
          href: '#/parked',
        },
      ]
    : [];

const WORST_FIRST = ['bad', 'warn', 'idle'];

export const problems = (snapshot) =>
  [
    ...ofEngines(snapshot),
    ...ofGateways(snapshot),
    ...ofBroker(snapshot),
    ...snapshot.topics.flatMap((topic) => ofTopic(topic, snapshot.now)),
    ...ofQueues(snapshot),
    ...ofParked(snapshot),
  ].sort((one, other) => WORST_FIRST.indexOf(one.tone) - WORST_FIRST.indexOf(other.tone));
