import type { App } from './app.js';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Which methods there are at an address, so that a wrong one is told apart from an address that does not exist. */
export class AllowedMethods {
  readonly #paths = new Map<string, KnownPath>();

  /** Learns of all routes that are added after this. */
  watch(app: App): void {
    app.addHook('onRoute', ({ url, method }) => {
      const known = this.#paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
      this.#paths.set(url, known);
      for (const each of [method].flat()) known.methods.add(each);
    });
  }

  /** Sorted; empty where there is nothing. */
  at(url: string): string[] {
    const path = url.split('?')[0] ?? '';
    const methods = [...this.#paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
    return [...new Set(methods)].sort();
  }
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:[A-Za-z]+/g, '[^/]+').replace(/\*/g, '.*')}$`);
}
