// SVG and HTML as text. Nothing is put into a document that was not escaped here.

export type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for content and attributes. Control characters, which XML may not have, become spaces. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** An element; `inner` is markup, not text. Attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, inner?: string): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === 'number' ? round(value) : escapeText(value ?? '')}"`,
    )
    .join('');
  return inner === undefined ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>`;
}

export function textElement(attributes: Attributes, text: string): string {
  return element('text', attributes, escapeText(text));
}

/** A tenth of a pixel is enough, and keeps the text short. */
export function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
