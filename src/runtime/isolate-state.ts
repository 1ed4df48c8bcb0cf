/** What an isolate remembers about one namespace. */
interface Memory {
  name: string | undefined;
  /** Whether the binding shares it with none of the same name. */
  isOwn?: true;
  readonly states: Map<string, unknown>;
}

const MAX_STATES = 500;

let memories = /* @__PURE__ */ new WeakMap<object, Memory>();
let named = /* @__PURE__ */ new Map<string, Memory>();

function memoryOf(binding: object): Memory {
  let memory = memories.get(binding);
  if (memory === undefined) memories.set(binding, (memory = { name: undefined, states: new Map() }));
  return memory;
}

/**
 * Shares the memory of all objects that stand for the binding of this name: tracing libraries wrap a binding in a new
 * proxy each time it is read.
 */
export function nameBinding(binding: object, name: string): void {
  const memory: Memory = memories.get(binding) ?? named.get(name) ?? { name, states: new Map() };
  memory.name ??= name;
  memories.set(binding, memory);
  if (!named.has(name) && memory.isOwn !== true) named.set(name, memory);
}

/** The name that {@link nameBinding} gave the binding. */
export function bindingName(binding: object): string | undefined {
  return memories.get(binding)?.name;
}

/**
 * What an isolate remembers about a binding under a name, so that objects made in each request share it. Of more than
 * 500 names the one not used for the longest time is forgotten.
 */
export function isolateState<State>(binding: object, name: string, make: () => State): State {
  const { states } = memoryOf(binding);
  const state = states.has(name) ? (states.get(name) as State) : make();
  remember(states, name, state, MAX_STATES);
  return state;
}

/** Gives a binding a memory of its own, whatever its name will be: each namespace in memory is another one. */
export function isolate(binding: object): void {
  memoryOf(binding).isOwn = true;
}

/** Forgets everything this isolate remembers, as a new isolate would start. */
export function forgetIsolate(): void {
  memories = new WeakMap();
  named = new Map();
}

/** Whether what is remembered until then counts now. Nothing is remembered for longer because a clock was set back. */
export function isCurrent(until: number, now: number, longest: number): boolean {
  return now < until && until - now <= longest;
}

/** Adds to a map that must not grow past `max` entries: the oldest is dropped. */
export function remember<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  if (map.size >= max) {
    const oldest = map.keys().next();
    if (oldest.done !== true) map.delete(oldest.value);
  }
  map.set(key, value);
}
