/** Which part of which request: `<requestId>.<position>`; 0.1.0 put `.r<n>` behind it once it was redriven n times. */
export interface JobRef {
  readonly requestId: string;
  /** Counts from 0 within the request. */
  readonly position: number;
}

const jobIdPattern = /^(?<requestId>[A-Za-z0-9_-]+)\.(?<position>0|[1-9]\d{0,6})(?:\.r\d+)?$/;

export function formatJobRef(ref: JobRef): string {
  return `${ref.requestId}.${ref.position}`;
}

/** Undefined for what is none. */
export function parseJobId(jobId: string): JobRef | undefined {
  const groups = jobIdPattern.exec(jobId)?.groups;
  if (groups?.requestId === undefined || groups.position === undefined) return undefined;
  return { requestId: groups.requestId, position: Number(groups.position) };
}
