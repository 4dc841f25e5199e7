// Opens SQLite, which is part of Node. Node 22 says on every start that it is experimental; that one
// line is held back, as `docs/decisions/007-queue-store.md` explains.

import type { DatabaseSync } from 'node:sqlite';

type Sqlite = typeof import('node:sqlite');

/** Throws what SQLite throws when `file` is no database or cannot be written. */
export function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync: Database } = sqlite();
  return new Database(file);
}

let loaded: Sqlite | undefined;

function sqlite(): Sqlite {
  loaded ??= withoutWarning('SQLite is an experimental feature', () =>
    process.getBuiltinModule('node:sqlite'),
  );
  return loaded;
}

/** Only while `load` runs, and only a warning that begins with `text`, is held back. */
function withoutWarning<value>(text: string, load: () => value): value {
  const warn = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith(text)) Reflect.apply(warn, process, [warning, ...rest]);
  };
  try {
    return load();
  } finally {
    process.emitWarning = warn;
  }
}
