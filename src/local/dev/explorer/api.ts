import type {
  EntryAnswer,
  EntryWrite,
  ImportAnswer,
  KeysAnswer,
  ProblemAnswer,
  SearchAnswer,
  StackAnswer,
} from "./answers.js";

const BASE = "/cdn-cgi/cfkv/api/namespaces";

/** The error of the server, or why it did not respond. */
export class ApiProblem extends Error {
  constructor(
    problem: string,
    readonly conflict?: ProblemAnswer["conflict"],
  ) {
    super(problem);
  }
}

/** The server's calls. Each throws an {@link ApiProblem} unless it succeeded. */
export class Api {
  /** @param token - required by a server that other machines can reach */
  constructor(private readonly token: string | null) {}

  stack(): Promise<StackAnswer> {
    return this.#call("");
  }

  keys(namespace: string, query: Record<string, string>, signal: AbortSignal): Promise<KeysAnswer> {
    return this.#call(`${at(namespace)}/keys?${new URLSearchParams(query).toString()}`, { signal });
  }

  search(namespace: string, text: string, keys: readonly string[], signal: AbortSignal): Promise<SearchAnswer> {
    return this.#call(`${at(namespace)}/search`, { method: "POST", body: JSON.stringify({ text, keys }), signal });
  }

  entry(namespace: string, key: string, signal?: AbortSignal): Promise<EntryAnswer> {
    return this.#call(valueAt(namespace, key), signal === undefined ? {} : { signal });
  }

  write(namespace: string, key: string, entry: EntryWrite): Promise<unknown> {
    return this.#call(valueAt(namespace, key), { method: "PUT", body: JSON.stringify(entry) });
  }

  delete(namespace: string, key: string): Promise<unknown> {
    return this.#call(valueAt(namespace, key), { method: "DELETE" });
  }

  /** @param check - counts what an import would write, and writes nothing */
  import(namespace: string, file: File, check: boolean): Promise<ImportAnswer> {
    const query = new URLSearchParams({ name: file.name, ...(check ? { check: "" } : {}) });
    return this.#call(`${at(namespace)}/import?${query.toString()}`, { method: "POST", body: file });
  }

  /** Where a browser downloads all entries. */
  exportUrl(namespace: string): string {
    return `${BASE}${at(namespace)}/export${this.token === null ? "" : `?token=${encodeURIComponent(this.token)}`}`;
  }

  async #call<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers: Record<string, string> = this.token === null ? {} : { "cfkv-token": this.token };
    const response = await fetch(BASE + path, { ...init, headers }).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiProblem("the server does not respond: is cfkv dev still running?");
    });
    const answer = (await response.json().catch(() => undefined)) as T | ProblemAnswer | undefined;
    if (response.ok && answer !== undefined) return answer as T;
    const { problem = `the server answered with status ${response.status}`, conflict } = (answer ??
      {}) as Partial<ProblemAnswer>;
    throw new ApiProblem(problem, conflict);
  }
}

function at(namespace: string): string {
  return `/${encodeURIComponent(namespace)}`;
}

function valueAt(namespace: string, key: string): string {
  return `${at(namespace)}/values/${encodeURIComponent(key)}`;
}
