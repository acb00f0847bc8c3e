import { readFileSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';

/** The version in package.json, which every installation has beside its code. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What runs here, as a metric that is always 1. */
export function addBuildInfo(registry: Registry, role: 'worker' | 'server'): void {
  new Gauge({
    name: 'tat_cancel_build_info',
    help: 'What runs here; always 1',
    labelNames: ['version', 'node', 'role'],
    registers: [registry],
  }).set({ version: readVersion(), node: process.version, role }, 1);
}
