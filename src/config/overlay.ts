// Lays settings over each other: preset, then service, then stage. Blocks merge, everything else
// replaces.

import { PRESETS } from './presets.ts';

type Block = Readonly<Record<string, unknown>>;

/** `base` with `over` on top. Neither is changed. */
export function overlay(base: unknown, over: unknown): unknown {
  if (!isBlock(base) || !isBlock(over)) return over === undefined ? base : over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = overlay(base[key], value);
  return merged;
}

/**
 * The file as the stage sees it; `stages` is left out. A preset goes under the service that names
 * it, in the layer that names it: a stage's preset goes over what the app says.
 */
export function forStage(raw: unknown, stage: string | undefined): unknown {
  if (!isBlock(raw)) return raw;
  const { stages, ...base } = raw;
  const over = stage !== undefined && isBlock(stages) ? stages[stage] : undefined;
  return overlay(withPresets(base), withPresets(over));
}

function withPresets(layer: unknown): unknown {
  if (!isBlock(layer) || !isBlock(layer['services'])) return layer;
  const services = Object.entries(layer['services']).map(([name, service]) => [
    name,
    withPreset(service),
  ]);
  return { ...layer, services: Object.fromEntries(services) };
}

function withPreset(service: unknown): unknown {
  if (!isBlock(service) || typeof service['preset'] !== 'string') return service;
  return overlay(PRESETS[service['preset']] ?? {}, service);
}

/** A null block (`lambda:` with nothing below it) means its defaults. */
export function nullsToBlocks(value: unknown, keys: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => nullsToBlocks(item, keys));
  if (!isBlock(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      item === null && keys.has(key) ? {} : nullsToBlocks(item, keys),
    ]),
  );
}

export function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
