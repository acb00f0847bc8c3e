import { CallRunner, type CallRunnerOptions } from '../call-runner.js';
import type { CloudLimiters } from '../cloud-limiters.js';
import { createMemberReader } from '../member-reader.js';
import { PermitQueue } from './permit-queue.js';
import type { AccessPoint } from './pool-processor.js';

export interface AccessPointsOptions extends Omit<CallRunnerOptions, 'limiter' | 'readMembers'> {
  readonly limiters: CloudLimiters;
  /** Where calls for a region enter the cloud. */
  readonly accessPointOf: (region: string) => string;
  /** Calls to one access point that may be without an answer at a time. */
  readonly callsInFlight: number;
}

/** The access points of the cloud, each with a call limit of its own. */
export class AccessPoints {
  readonly #points = new Map<string, AccessPoint>();

  constructor(private readonly options: AccessPointsOptions) {}

  of(region: string): AccessPoint {
    const name = this.options.accessPointOf(region);
    const known = this.#points.get(name);
    if (known !== undefined) return known;
    const { limiters, client, logger, callsInFlight } = this.options;
    const limiter = limiters.of('CancelInvocation', region);
    const readMembers = createMemberReader(client, limiters.of('DescribeInvocations', region), logger);
    const point: AccessPoint = {
      name,
      permits: new PermitQueue(limiter, callsInFlight),
      runner: new CallRunner({ ...this.options, limiter, readMembers }),
    };
    this.#points.set(name, point);
    return point;
  }

  /** Whether all regions share one. */
  get isOnlyOne(): boolean {
    const { accessPointOf } = this.options;
    return accessPointOf('ap-guangzhou') === accessPointOf('ap-singapore');
  }

  /** A limiter that connects only with the first job would make an idle system's first call wait. */
  connectAhead(): void {
    if (this.isOnlyOne) this.of('ap-guangzhou');
  }
}
