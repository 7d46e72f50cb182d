// How figures and times read. What is not known is a dash, so that it is not taken for a zero.
const NONE = '–';
const known = (value) => value !== null && value !== undefined;

export const count = (n) => (known(n) ? n.toLocaleString('en') : NONE);

export const perMinute = (n) => {
  if (!known(n)) return NONE;
  return n > 0 && n < 9.95 ? n.toFixed(1) : count(Math.round(n));
};

export const seconds = (s) => {
  if (!known(s)) return NONE;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
};

export const millis = (ms) => {
  if (!known(ms)) return NONE;
  return ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms / 1000);
};

/** How long before {@code now}, which is the dispatcher's clock: the one of this machine may be wrong. */
export const ago = (at, now) => (at ? `${seconds(Math.max(0, (Date.parse(now) - Date.parse(at)) / 1000))} ago` : 'never');

export const clock = (at) => (at ? new Date(at).toLocaleTimeString('en-GB') : NONE);

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export const shorten = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
