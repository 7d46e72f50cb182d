// What the page has seen since it was opened: the small curves, and rates of what the dispatcher only counts.
const KEPT = 150; // at one look each 2 s: five minutes
const MINUTE = 60_000;

const rates = new Map(); // topic -> its rates, oldest first
const totals = []; // [time, messages received]

export const keyOf = ({ engine, topic }) => `${engine}/${topic}`;

export const remember = (snapshot) => {
  for (const topic of snapshot.topics) {
    const seen = rates.get(keyOf(topic)) ?? [];
    seen.push(topic.completedPerMinute ?? 0);
    if (seen.length > KEPT) seen.shift();
    rates.set(keyOf(topic), seen);
  }
  const now = Date.parse(snapshot.now);
  totals.push([now, snapshot.queues.reduce((sum, queue) => sum + queue.received, 0)]);
  while (totals.length > 1 && totals[1][0] <= now - MINUTE) totals.shift();
};

export const ratesOf = (topic) => rates.get(keyOf(topic)) ?? [];

/** Messages a minute, over the last minute at most; nothing to say before there are some seconds of it. */
export const receivedPerMinute = () => {
  const [first, last] = [totals[0], totals.at(-1)];
  if (!first || last[0] - first[0] < 4_000) return null;
  return Math.max(0, ((last[1] - first[1]) * MINUTE) / (last[0] - first[0])); // less than before: it was restarted
};
