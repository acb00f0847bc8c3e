import type { CallResult } from '../../src/cloud/tat-client.js';
import { createFailure } from '../../src/shared/failure-table.js';
import type { IsolationNews, IsolationSteps } from '../../src/worker/isolate.js';

export interface RefusingCloudOptions {
  /** Instance id to the code that a call with it is refused with. */
  readonly guilty?: ReadonlyMap<string, string>;
  /** What a look at the invocation's members tells; left out, it tells nothing. */
  readonly members?: ReadonlySet<string>;
  /** The number of a call (from 1) to the code that it is answered with, whatever it carries. */
  readonly trouble?: ReadonlyMap<number, string>;
  /** Which of the guilty ids in a call the answer speaks of; default the first. */
  readonly accused?: (guilty: readonly string[]) => string | undefined;
}

/** A cloud that refuses a call for any guilty id in it, and notes every call and everything that is told. */
export class RefusingCloud implements IsolationSteps {
  readonly calls: (readonly string[])[] = [];
  readonly news: IsolationNews[] = [];
  reads = 0;

  constructor(private readonly options: RefusingCloudOptions) {}

  send = async (instanceIds: readonly string[]): Promise<CallResult<undefined>> => {
    this.calls.push(instanceIds);
    const { guilty = new Map<string, string>(), trouble, accused = ([first]) => first } = this.options;
    const troubled = trouble?.get(this.calls.length);
    if (troubled !== undefined) return { ok: false, failure: createFailure(troubled, 'not now') };
    const culprit = accused(instanceIds.filter((id) => guilty.has(id)));
    const code = culprit === undefined ? undefined : guilty.get(culprit);
    if (code !== undefined) return { ok: false, failure: createFailure(code, `no to ${culprit}`) };
    return { ok: true, cloudRequestId: `call-${this.calls.length}`, value: undefined };
  };

  readMembers = async (): Promise<ReadonlySet<string> | undefined> => {
    this.reads += 1;
    return this.options.members;
  };

  tell = async (news: IsolationNews): Promise<void> => {
    this.news.push(news);
  };

  /** Every id that was told of in this way, in order, doubled ones too. */
  told(kind: IsolationNews['kind']): string[] {
    return this.news.filter((news) => news.kind === kind).flatMap((news) => news.instanceIds);
  }

  /** The code that each guilty id was told with. */
  verdicts(): Map<string, string> {
    const verdicts = new Map<string, string>();
    for (const news of this.news) {
      if (news.kind !== 'guilty') continue;
      for (const id of news.instanceIds) verdicts.set(id, news.failure.code);
    }
    return verdicts;
  }
}
