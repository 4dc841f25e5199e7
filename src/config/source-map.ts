// Where in the file a key stands, after stages and presets have been laid over each other.

import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
} from 'yaml';

export type KeyPath = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceMap {
  /**
   * The place of `path`, or of its nearest ancestor that is written. With `stage`, what the stage
   * says comes first.
   */
  locate(path: KeyPath, stage: string | undefined): Position;
}

export function sourceMap(document: Document, lines: LineCounter): SourceMap {
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    locate(path, stage) {
      for (let length = path.length; length > 0; length -= 1) {
        const part = path.slice(0, length);
        const inStage =
          stage === undefined ? undefined : offsetOf(document, ['stages', stage, ...part]);
        const offset = inStage ?? offsetOf(document, part);
        if (offset !== undefined) return at(offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

/** Offset of the key (in a map) or of the item (in a list) at `path`. */
function offsetOf(document: Document, path: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return undefined;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step];
      if (item === undefined) return undefined;
      offset = startOf(item);
      node = item;
    } else {
      return undefined;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? ((node as Node).range?.[0] ?? undefined) : undefined;
}
