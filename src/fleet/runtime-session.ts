// What the processes of one execution environment have said through the Runtime and the Extensions
// API, and what they may say next. Pure: it answers questions and keeps states; sockets, processes
// and time are the engine's.
//
// The runtime and every extension say that they are done by asking for the next event. The states
// follow the runtime interface emulator [RIE core/states.go, core/registrations.go].
//
// Invariants
//   S1. An invocation has at most one answer: one response or one error that was accepted.
//   S2. INIT is complete when the runtime and every extension have asked for their first event.
//   S3. An invocation is complete when the runtime and every extension that wants INVOKE have asked
//       again, and not before the answer was accepted.
//   S4. External extensions register before the runtime starts, internal ones before its first ask.
//   S5. Nothing is refused without the error type and status AWS gives.

/** Extensions an environment may have. [RIE core/registrations.go MaxAgentsAllowed] */
export const MAX_EXTENSIONS = 10;

export type ExtensionEvent = 'INVOKE' | 'SHUTDOWN';

/** Why a call is refused, as it goes to the caller. */
export interface Refusal {
  readonly status: 400 | 403;
  readonly errorType: string;
  readonly errorMessage: string;
}

export type Phase =
  /** External extensions start and register. */
  | 'extensions'
  /** The runtime runs its own initialisation. */
  | 'runtime'
  | 'idle'
  | 'invoking'
  | 'shutdown';

type RuntimeState =
  /** Not started, or started and has not asked for anything. */
  | 'started'
  /** Waits for an event. */
  | 'ready'
  /** Has the event. */
  | 'running'
  /** Its answer is arriving. */
  | 'answering'
  /** Its answer was accepted. */
  | 'answered'
  | 'failed';

export interface Extension {
  readonly id: string;
  readonly name: string;
  readonly external: boolean;
  readonly events: ReadonlySet<ExtensionEvent>;
  readonly state: 'registered' | 'ready' | 'running' | 'failed';
}

interface MutableExtension extends Extension {
  state: Extension['state'];
}

export interface Registration {
  readonly name: string;
  readonly events: readonly string[];
}

/** "hold": wait for an event. "deliver": the event is there. */
export type Asked = 'hold' | 'deliver' | Refusal;

export class RuntimeSession {
  readonly #external: ReadonlySet<string>;
  readonly #extensions = new Map<string, MutableExtension>();
  readonly #nextId: () => string;
  #phase: Phase = 'extensions';
  #runtime: RuntimeState = 'started';
  #requestId: string | undefined;

  /** `external` are the names of the executables that were started as extensions. */
  constructor(external: readonly string[], nextId: () => string) {
    this.#external = new Set(external);
    this.#nextId = nextId;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get extensions(): Iterable<Extension> {
    return this.#extensions.values();
  }

  /** The invocation that is under way. */
  get requestId(): string | undefined {
    return this.#requestId;
  }

  /** Every external extension has registered. */
  get allRegistered(): boolean {
    const names = new Set([...this.#extensions.values()].map(({ name }) => name));
    return [...this.#external].every((name) => names.has(name));
  }

  /** S2. */
  get initComplete(): boolean {
    return this.#runtime === 'ready' && this.#all(({ state }) => state === 'ready');
  }

  /** The runtime is done with the invocation, whatever the extensions still do. */
  get runtimeDone(): boolean {
    return this.#runtime === 'ready' && this.#requestId !== undefined;
  }

  /** S3. */
  get invokeComplete(): boolean {
    return this.runtimeDone && this.#all(({ state }) => state !== 'running');
  }

  /** The answer to the invocation under way was accepted. */
  get answered(): boolean {
    return this.#runtime === 'answered' || this.runtimeDone;
  }

  register({ name, events }: Registration): Extension | Refusal {
    const external = this.#external.has(name);
    const refusal = this.#refuseRegistration(name, events, external);
    if (refusal !== undefined) return refusal;
    const extension: MutableExtension = {
      id: this.#nextId(),
      name,
      external,
      events: new Set(events as readonly ExtensionEvent[]),
      state: 'registered',
    };
    this.#extensions.set(extension.id, extension);
    return extension;
  }

  /** In the order and the words of the emulator. [RIE rapi/handler/agentregister.go] */
  #refuseRegistration(
    name: string,
    events: readonly string[],
    external: boolean,
  ): Refusal | undefined {
    if (name === '') return refuse('Extension.InvalidExtensionName', 'Empty extension name');
    for (const event of events) {
      const problem = problemOf(event, external);
      if (problem !== undefined) {
        return refuse('Extension.InvalidEventType', `${event}: ${problem}`);
      }
    }
    const same = this.#named(name);
    if (external && same !== undefined) return transitionOf(name, say(same.state), 'Registered');
    if (external ? this.#phase !== 'extensions' : this.#registrationIsOver()) {
      return refuse('Extension.RegistrationClosed', 'Extension registration closed already');
    }
    if (this.#extensions.size >= MAX_EXTENSIONS) {
      return refuse('Extension.TooManyExtensions', `Extension limit (${MAX_EXTENSIONS}) reached`);
    }
    if (same !== undefined) {
      return refuse(
        'Extension.InvalidExtensionState',
        'Extension with this name already registered',
      );
    }
    return undefined;
  }

  #registrationIsOver(): boolean {
    return this.#phase !== 'extensions' && this.#phase !== 'runtime'
      ? true
      : this.#runtime !== 'started';
  }

  /** The runtime's process starts now. */
  startRuntime(): void {
    this.#phase = 'runtime';
  }

  /** Call when `initComplete` was seen. */
  endInit(): void {
    this.#phase = 'idle';
  }

  /** The runtime asks for the next event. Asking again while one is out delivers it again. */
  runtimeAsks(): Asked {
    switch (this.#runtime) {
      case 'running':
        return 'deliver';
      case 'started':
      case 'ready':
      case 'answered':
        this.#runtime = 'ready';
        return 'hold';
      case 'answering':
      case 'failed':
        return transition(this.#runtime, 'Ready');
    }
  }

  /** An extension asks for the next event. */
  extensionAsks(id: string): Asked {
    const extension = this.#identified(id);
    if ('status' in extension) return extension;
    if (extension.state === 'failed') {
      return transitionOf(extension.name, 'Failed', 'Ready');
    }
    extension.state = 'ready';
    return 'hold';
  }

  /** Hands an invocation out; the ids of the extensions that get the event. */
  invoke(requestId: string): readonly string[] {
    this.#phase = 'invoking';
    this.#requestId = requestId;
    this.#runtime = 'running';
    return this.#wake('INVOKE');
  }

  /** Call when `invokeComplete` was seen. */
  endInvoke(): void {
    this.#phase = 'idle';
    this.#requestId = undefined;
  }

  /** The environment ends; the ids of the extensions that get the event. */
  shutdown(): readonly string[] {
    this.#phase = 'shutdown';
    return this.#wake('SHUTDOWN');
  }

  #wake(event: ExtensionEvent): readonly string[] {
    const woken: string[] = [];
    for (const extension of this.#extensions.values()) {
      if (!extension.events.has(event) || extension.state === 'failed') continue;
      extension.state = 'running';
      woken.push(extension.id);
    }
    return woken;
  }

  /** The head of a response or error for `requestId` came. */
  answerBegins(requestId: string, kind: 'response' | 'error'): Refusal | undefined {
    if (this.#requestId === undefined || requestId !== this.#requestId) return INVALID_REQUEST_ID;
    if (this.#runtime !== 'running') {
      const to = kind === 'response' ? 'InvocationResponse' : 'InvocationErrorResponse';
      return transition(this.#runtime, to);
    }
    this.#runtime = 'answering';
    return undefined;
  }

  /** All of it came. S1. */
  answerEnds(): void {
    if (this.#runtime === 'answering') this.#runtime = 'answered';
  }

  /** It broke off, or was refused: another may come. */
  answerFails(): void {
    if (this.#runtime === 'answering') this.#runtime = 'running';
  }

  /** The runtime says that it cannot start. */
  runtimeInitFails(): Refusal | undefined {
    if (this.#runtime !== 'started') return transition(this.#runtime, 'InitError');
    this.#runtime = 'failed';
    return undefined;
  }

  /** An extension says that it cannot start or go on. */
  extensionFails(id: string, from: 'init' | 'exit'): Extension | Refusal {
    const extension = this.#identified(id);
    if ('status' in extension) return extension;
    const state = extension.state;
    const allowed = from === 'init' ? state === 'registered' : state !== 'failed';
    if (!allowed) {
      return transitionOf(extension.name, say(state), from === 'init' ? 'InitError' : 'ExitError');
    }
    extension.state = 'failed';
    return extension;
  }

  find(id: string): Extension | undefined {
    return this.#extensions.get(id);
  }

  #identified(id: string): MutableExtension | Refusal {
    if (id === '') {
      return refuse(
        'Extension.MissingExtensionIdentifier',
        'Missing Lambda-Extension-Identifier header',
      );
    }
    if (!UUID.test(id)) {
      return refuse('Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier');
    }
    return (
      this.#extensions.get(id) ??
      refuse('Extension.UnknownExtensionIdentifier', `Unknown extension ${id}`)
    );
  }

  #named(name: string): Extension | undefined {
    return [...this.#extensions.values()].find((extension) => extension.name === name);
  }

  #all(test: (extension: Extension) => boolean): boolean {
    for (const extension of this.#extensions.values()) if (!test(extension)) return false;
    return true;
  }
}

function problemOf(event: string, external: boolean): string | undefined {
  if (event === 'SHUTDOWN' && !external) return 'ShutdownEventNotSupportedForInternalExtension';
  return event === 'INVOKE' || event === 'SHUTDOWN' ? undefined : 'ErrorInvalidEventType';
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const INVALID_REQUEST_ID: Refusal = {
  status: 400,
  errorType: 'InvalidRequestID',
  errorMessage: 'Invalid request ID',
};

function refuse(errorType: string, errorMessage: string): Refusal {
  return { status: 403, errorType, errorMessage };
}

/** As refusals name the states. [RIE core/statenames.go] */
const STATE_NAMES: Readonly<Record<RuntimeState, string>> = {
  started: 'Started',
  ready: 'Ready',
  running: 'Running',
  answering: 'InvocationResponse',
  answered: 'RuntimeResponseSentState',
  failed: 'InitError',
};

function transition(from: RuntimeState, to: string): Refusal {
  return refuse(
    'InvalidStateTransition',
    `State transition from ${STATE_NAMES[from]} to ${to} failed for runtime. Error: State transition is not allowed`,
  );
}

function transitionOf(name: string, from: string, to: string): Refusal {
  return refuse(
    'Extension.InvalidExtensionState',
    `State transition from ${from} to ${to} failed for extension ${name}. Error: State transition is not allowed`,
  );
}

/** As the states are called where AWS names them. [RIE core/states.go] */
const NAMES: Readonly<Record<string, string>> = {
  answering: 'InvocationResponse',
  answered: 'RuntimeResponseSent',
  failed: 'InitError',
};

const say = (state: string) =>
  NAMES[state] ?? `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;
