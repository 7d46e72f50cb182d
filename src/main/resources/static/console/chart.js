import { Component, html } from './lib.js';

const BARS = 40;
const HEIGHT = 110;

/** Counts events in equal slices of the time that they span: how many came to a good end, and how many did not. */
export const slices = (events, isGood) => {
  const times = events.map((event) => Date.parse(event.at) / 1000);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const width = Math.max(1, Math.ceil((to - from + 1) / BARS));
  const start = Math.floor(from / width) * width;
  const n = Math.floor((to - start) / width) + 1;
  const at = Array.from({ length: n }, (_, i) => start + i * width);
  const all = Array(n).fill(0);
  const bad = Array(n).fill(0);
  events.forEach((event, i) => {
    const slice = Math.floor((times[i] - start) / width);
    all[slice] += 1;
    if (!isGood(event)) bad[slice] += 1;
  });
  return { width, data: [at, all, bad] };
};

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Bars over time by uPlot, drawn anew when the colours change from light to dark or the width does. */
export class Bars extends Component {
  componentDidMount() {
    this.redraw = () => this.draw();
    addEventListener('resize', this.redraw);
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', this.redraw);
    this.draw();
  }

  componentDidUpdate() {
    this.plot.setData(this.props.data);
  }

  componentWillUnmount() {
    removeEventListener('resize', this.redraw);
    this.dark.removeEventListener('change', this.redraw);
    this.plot.destroy();
  }

  draw() {
    const width = this.element.clientWidth - 10;
    this.plot?.destroy();
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    const bars = uPlot.paths.bars({ size: [0.8, 24] });
    this.plot = new uPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { range: (_, from, to) => [from - this.props.slice / 2, to + this.props.slice / 2] }, y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] } },
        axes: [
          { ...axis, grid: { show: false }, values: (_, ticks) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString('en-GB')), space: 70, size: 26 },
          { ...axis, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100] },
        ],
        series: [
          {},
          { label: 'all', fill: colour('--accent'), paths: bars, points: { show: false } },
          { label: 'bad', fill: colour('--bad'), paths: bars, points: { show: false } },
        ],
      },
      this.props.data,
      this.element,
    );
  }

  render({ label }) {
    return html`<div class="chart" role="img" aria-label=${label} ref=${(element) => (this.element = element)}></div>`;
  }
}
