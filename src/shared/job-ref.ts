/**
 * Which job of which request: `<requestId>.<position>`, and `.r<n>` behind it once it was redriven n times. It is the
 * BullMQ job id, so a job says whose it is even when its data is lost.
 */
export interface JobRef {
  readonly requestId: string;
  /** Counts from 0 within the request. */
  readonly position: number;
}

const jobIdPattern = /^(?<requestId>[A-Za-z0-9_-]+)\.(?<position>0|[1-9]\d{0,6})(?:\.r\d+)?$/;

export function formatJobRef(ref: JobRef): string {
  return `${ref.requestId}.${ref.position}`;
}

/** The BullMQ job id: that of an earlier round may still be taken by a job that is kept. */
export function jobIdOf(ref: JobRef, round = 0): string {
  return formatJobRef(ref) + (round === 0 ? '' : `.r${round}`);
}

/** Reads a BullMQ job id; undefined when it is none of ours. */
export function parseJobId(jobId: string): JobRef | undefined {
  const groups = jobIdPattern.exec(jobId)?.groups;
  if (groups?.requestId === undefined || groups.position === undefined) return undefined;
  return { requestId: groups.requestId, position: Number(groups.position) };
}
