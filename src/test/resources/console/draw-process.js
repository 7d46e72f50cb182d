// Draws a BPMN process on the empty page and tells the size of the picture. An element that a route file serves has its name as a sign.
const [xml, routes, done] = arguments;

const container = document.createElement('div');
document.body.replaceChildren(container);
document.body.style.margin = '0';

const routeOf = ({ businessObject: element }) => {
  const event = element.eventDefinitions?.[0];
  const message = element.messageRef ?? event?.messageRef;
  return [element.$attrs['camunda:topic'], event?.$attrs['camunda:topic'], message?.name, element.id].find((name) => routes.includes(name));
};

const sign = (route) => {
  const label = document.createElement('div');
  label.textContent = route;
  label.style.cssText =
    'font: 11px Arial, sans-serif; color: #1b5cbe; background: #eaf1fb; padding: 1px 6px; border-radius: 7px; white-space: nowrap; transform: translateX(-50%)';
  return label;
};

const viewer = new BpmnJS({ container, canvas: { deferUpdate: false } });
viewer
  .importXML(xml)
  .then(() => {
    const shapes = viewer.get('elementRegistry').filter((element) => element.type !== 'label' && routeOf(element));
    shapes.forEach((shape) => {
      const top = shape.height > 40 ? -21 : shape.height + 24; // an event has its name below
      viewer.get('overlays').add(shape, { position: { top, left: shape.width / 2 }, html: sign(routeOf(shape)), scale: false });
    });
    const { inner } = viewer.get('canvas').viewbox();
    const margin = 45; // room for the signs, and for the viewer's own mark
    const size = { width: Math.ceil(inner.width + 2 * margin), height: Math.ceil(inner.height + 2 * margin) };
    container.style.width = `${size.width}px`;
    container.style.height = `${size.height}px`;
    viewer.get('canvas').resized();
    viewer.get('canvas').viewbox({ x: inner.x - margin, y: inner.y - margin, ...size });
    requestAnimationFrame(() => done(size));
  })
  .catch((failure) => done(String(failure)));
