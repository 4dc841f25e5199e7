// What is written is held to what is so.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referencePages } from '../scripts/reference.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { type JsonSchema, jsonSchema } from '../src/config/json-schema.ts';
import { loadApp } from '../src/config/load.ts';

const markdown = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'].concat(
  readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
);

/** The text of every fenced block of a language. */
function fences(file: string, language: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , body = '']) => body);
}

describe('reference pages', () => {
  it.each(Object.entries(referencePages()))(
    '%s is what the code says ("make docs" writes it)',
    (file, text) => {
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );
});

describe('the reference of fulcrum.yml', () => {
  it('has every key of every block', () => {
    const page = readFileSync('docs/guide/fulcrum-yml.md', 'utf8');
    const keys = new Set<string>();
    const walk = ({ properties = {}, additionalProperties, items, anyOf = [] }: JsonSchema) => {
      for (const [key, value] of Object.entries(properties)) {
        keys.add(key);
        walk(value);
      }
      if (typeof additionalProperties === 'object') walk(additionalProperties);
      if (items !== undefined) walk(items);
      for (const one of anyOf) walk(one);
    };
    walk(jsonSchema());
    expect(keys).toContain('circuitBreaker');
    const isSaid = (key: string) => page.includes(`| \`${key}\` |`) || page.includes(`{ ${key}: `);
    expect([...keys].filter((key) => !isSaid(key))).toEqual([]);
  });
});

describe('examples', () => {
  it('every fulcrum.yml that is shipped is valid for each of its stages', () => {
    const files = readdirSync('examples', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('fulcrum.yml') && !name.includes('node_modules'))
      .map((name) => join('examples', name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) loadApp({ name: file, text: readFileSync(file, 'utf8') }, undefined);
  });

  it('every whole fulcrum.yml in the docs is valid', () => {
    const blocks = markdown.flatMap((file) =>
      fences(file, 'yaml').filter((text) => text.includes('app:')),
    );
    expect(blocks.length).toBeGreaterThan(0);
    for (const text of blocks) loadApp({ name: 'docs', text }, undefined);
  });

  it('every command in the docs exists with its options', () => {
    const known = new Map(COMMANDS.map((command) => [command.name, command]));
    const used = markdown
      .flatMap((file) => fences(file, 'sh').concat(fences(file, '')))
      .flatMap((text) => [...text.matchAll(/^(?:\$ )?fulcrum ([a-z]+)([^|\n#&]*)/gm)]);
    expect(used.length).toBeGreaterThan(5);
    for (const [line, name = '', rest = ''] of used) {
      const command = known.get(name);
      expect(command, line).toBeDefined();
      for (const [, flag] of rest.matchAll(/(?:^|\s)(--[a-z-]+)/g)) {
        expect(
          command?.options.some(({ flags }) => flags.includes(flag ?? '')),
          line,
        ).toBe(true);
      }
    }
  });
});

describe('links', () => {
  it('inside the repository lead somewhere', () => {
    const broken = markdown.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .map(([, target = '']) => join(file, '..', target))
        .filter((target) => {
          try {
            readdirSync(target);
            return false;
          } catch (error) {
            return (error as NodeJS.ErrnoException).code === 'ENOENT';
          }
        })
        .map((target) => `${file} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});
