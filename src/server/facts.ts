/** What the server says of the installation without asking Redis. */
export interface Facts {
  readonly version: string;
  /** As set for this server; workers say what is in force. */
  readonly callsPerSecond: number;
  /** For targets and requests that name no region. */
  readonly region?: string;
  /** Whether notifications may go to private addresses and over plain http, as workers are told, too. */
  readonly webhookAllowPrivate: boolean;
}
