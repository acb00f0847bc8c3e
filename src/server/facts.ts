/** What the server says of the installation without asking Redis. */
export interface Facts {
  readonly version: string;
  /** As set for this server; workers say what is in force. */
  readonly callsPerSecond: number;
  /** For targets and requests that name no region. */
  readonly region?: string;
}
