import type { SimulatedCredential } from '../gateway/credential-book.js';
import type { Refusal } from '../refusal.js';
import type { Behaviour } from '../world/task-behaviour.js';
import type { World } from '../world/world.js';

/** Choices where the cloud's behaviour is not documented, and what new commands do. */
export interface ActionSettings {
  readonly regions: readonly string[];
  /** What an empty InstanceIds list means to CancelInvocation. */
  readonly emptyInstanceIds: 'rejected' | 'all';
  /** Whether InstanceIsNotRelatedToInvocation quotes the first stranger in its message. */
  readonly namesOffender: boolean;
  /** How many tasks DescribeInvocations shows of an invocation at most; DescribeInvocationTasks shows them all. */
  readonly tasksShown: number;
  /** How the tasks live that RunCommand makes. */
  readonly runCommandBehaviour: Behaviour;
}

/** A call that passed the gateway. */
export interface ActionCall {
  readonly region: string;
  readonly credential: SimulatedCredential;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ActionContext {
  readonly world: World;
  readonly nowMs: number;
  readonly settings: ActionSettings;
}

/** The members of `Response` beside RequestId, or an error. */
export type ActionResult = { readonly fields: Record<string, unknown> } | { readonly refusal: Refusal };

/** One action of the API. It runs to the end at once: what it changes is changed before any answer leaves. */
export interface Action {
  readonly needsRegion: boolean;
  run(call: ActionCall, context: ActionContext): ActionResult;
}
