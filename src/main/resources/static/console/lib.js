// The libraries of this page, by their WebJars; their versions are those of the pom.xml.
import { h } from '../webjars/preact/10.26.9/dist/preact.module.js';
import htm from '../_static/htm/3.1.1/dist/htm.module.js';

export { Component, render } from '../webjars/preact/10.26.9/dist/preact.module.js';

/** Markup as a tagged template. Values become text or attributes, never markup: what others wrote cannot run here. */
export const html = htm.bind(h);
