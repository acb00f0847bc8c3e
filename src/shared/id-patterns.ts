/** What an id looks like, and how to say that a text is none. Free of packages: the operator page checks with it, too. */
export interface IdPattern {
  readonly pattern: RegExp;
  /** Follows the text that was given. */
  readonly complaint: string;
}

// The patterns are loose on purpose: lengths vary in the cloud's own examples, and the cloud is the judge.
export const invocationIdPattern: IdPattern = {
  pattern: /^inv-[0-9A-Za-z]{8,32}$/,
  complaint: 'is not an invocation id (inv-… with 8 to 32 letters or digits)',
};

export const instanceIdPattern: IdPattern = {
  pattern: /^(?:ins|lhins|rins|rinst)-[0-9A-Za-z]{8,32}$/,
  complaint: 'is not an instance id (ins-…, lhins-… or rins-… with 8 to 32 letters or digits)',
};

// A region may become part of a host name, so nothing but letters, digits and dashes gets through.
export const regionPattern: IdPattern = {
  pattern: /^[a-z]{2,8}(?:-[a-z0-9]{1,20}){1,3}$/,
  complaint: 'is not a region (for example ap-guangzhou)',
};
