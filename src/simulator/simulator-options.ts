import type { Clock } from '../shared/clock.js';
import type { ActionSettings } from './actions/action.js';
import type { FaultRule } from './faults/fault-rule.js';
import type { CallLimits } from './gateway/call-buckets.js';
import type { SimulatedCredential } from './gateway/credential-book.js';

/** How a simulator is made. Everything has a default that suits a test. */
export interface SimulatorOptions extends Partial<ActionSettings> {
  /** Default 127.0.0.1. The simulator is no place for strangers: its control endpoints ask for no key. */
  readonly host?: string;
  /** Default 0: any free port, kept over `close` and `start`. */
  readonly port?: number;
  /** All chance comes from it: ids, latency, faults. Default 1. */
  readonly seed?: number;
  /** The region of invocations that name none. Default ap-singapore. */
  readonly defaultRegion?: string;
  /** What an unknown region is answered with. Default UnsupportedRegion. */
  readonly invalidRegionCode?: 'UnsupportedRegion' | 'InvalidParameterValue';
  /** The keys that are known. Default: one, AKIDSIMULATOR with simulator-secret-key. */
  readonly credentials?: readonly SimulatedCredential[];
  /** Calls per second for each action and sub-account; 0 for no limit. Default 20. */
  readonly callsPerSecond?: CallLimits;
  /** Time from arrival to answer, uniform. Default none. */
  readonly latency?: { readonly minMs: number; readonly maxMs: number };
  readonly faults?: readonly FaultRule[];
  /** How many calls the record keeps, the newest. Default 1,000,000. */
  readonly keptCalls?: number;
  /** A file that gets one line of JSON per call. */
  readonly callLogPath?: string;
  /** Planted in commands and outputs, so that a test can look for it in logs. */
  readonly plantedSecret?: string;
  /** The time that tasks live by; tests may move it by hand. Default the machine's. */
  readonly clock?: Clock;
  /** The time that signatures are held against. Default the machine's. */
  readonly gatewayClock?: Clock;
}

export const defaultRegions: readonly string[] = [
  'ap-singapore',
  'ap-guangzhou',
  'ap-shanghai',
  'ap-nanjing',
  'ap-beijing',
  'ap-chengdu',
  'ap-chongqing',
  'ap-hongkong',
  'ap-seoul',
  'ap-tokyo',
  'ap-jakarta',
  'na-siliconvalley',
  'eu-frankfurt',
];

export const defaultPlantedSecret = 'planted-secret-never-log-this';
