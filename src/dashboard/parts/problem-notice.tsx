import { ApiProblem, describeProblem, isPassing } from '../api/api-problem.js';
import { Icon } from './icon.js';

interface ProblemNoticeProps {
  readonly problem: unknown;
  /** What was being done: `load the requests`. */
  readonly doing: string;
  retry?(): void;
}

/** Why something could not be shown or done, and what can be tried. Nothing without a problem. */
export function ProblemNotice({ problem, doing, retry }: ProblemNoticeProps) {
  if (problem === undefined) return null;
  const trace = problem instanceof ApiProblem ? problem.traceId : undefined;
  const fields = problem instanceof ApiProblem ? problem.problems : [];
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <div>
        <p>
          <strong>Could not {doing}.</strong> {describeProblem(problem)}
        </p>
        {fields.length > 0 && (
          <ul>
            {fields.slice(0, 20).map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path} {message}
              </li>
            ))}
          </ul>
        )}
        {isPassing(problem) && !isOfRedis(problem) && (
          <p>Nothing is lost: what was accepted is in Redis and will be carried out.</p>
        )}
        {trace !== undefined && <p className="muted">For the server's log: {trace}</p>}
      </div>
      {retry !== undefined && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Of Redis the server itself says that nothing is lost. */
function isOfRedis(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.code.startsWith('REDIS_');
}
