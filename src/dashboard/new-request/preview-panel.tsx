import type { RequestPreview } from '../api/answers.js';
import { ApiProblem } from '../api/api-problem.js';
import { countOf, formatCount } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';
import type { Resource } from '../live/use-resource.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { describeInstances } from './confirmation.js';
import type { LineProblem, TargetList } from './target-list.js';

interface PreviewPanelProps {
  readonly list: TargetList;
  readonly preview: Resource<RequestPreview>;
}

/** What the list would do, or what is wrong with it, line by line. */
export function PreviewPanel({ list, preview }: PreviewPanelProps) {
  const isEmpty = list.namedLines === 0 && list.problemCount === 0;
  return (
    <section className="panel preview" aria-labelledby="preview-title">
      <h2 id="preview-title" className="panel-title">
        What it would do
      </h2>
      <div role="status">
        {isEmpty && <p className="muted">Nothing yet: paste ids or choose a file.</p>}
        {list.problemCount > 0 && <LineProblems problems={list.problems} count={list.problemCount} />}
        {list.problemCount === 0 &&
          !isEmpty &&
          preview.data === undefined &&
          preview.problem === undefined && <p className="muted">Counting…</p>}
        {list.problemCount === 0 && preview.data !== undefined && preview.problem === undefined && (
          <PreviewFigures preview={preview.data} list={list} />
        )}
      </div>
      {list.problemCount === 0 && (
        <ServerProblems problem={preview.problem} list={list} retry={preview.reload} />
      )}
    </section>
  );
}

function PreviewFigures({ preview, list }: { preview: RequestPreview; list: TargetList }) {
  const { invocations, wholeInvocations, calls, secondsAtLimit } = preview;
  return (
    <>
      <dl className="facts">
        <div>
          <dt>Invocations</dt>
          <dd>
            {formatCount(invocations)}
            {wholeInvocations > 0 && ` (${formatCount(wholeInvocations)} as a whole)`}
          </dd>
        </div>
        <div>
          <dt>Instances</dt>
          <dd>{describeInstances(preview)}</dd>
        </div>
        <div>
          <dt>Calls</dt>
          <dd>{formatCount(calls)}</dd>
        </div>
        <div>
          <dt>Time at the limit</dt>
          <dd>{formatDuration(secondsAtLimit)}</dd>
        </div>
      </dl>
      {list.doubled > 0 && (
        <p className="muted">
          {formatCount(list.doubled)} named more than once, or covered by a whole invocation: sent once.
        </p>
      )}
    </>
  );
}

function LineProblems({ problems, count }: { problems: readonly LineProblem[]; count: number }) {
  return (
    <div className="notice bad">
      <div>
        <p>
          <strong>{countOf(count, 'line')} cannot be read.</strong> Nothing is enqueued until all of them can.
        </p>
        <ul className="line-problems">
          {problems.map(({ line, reason }) => (
            <li key={line}>
              <strong>Line {formatCount(line)}</strong> {reason}
            </li>
          ))}
        </ul>
        {count > problems.length && <p>and {formatCount(count - problems.length)} more</p>}
      </div>
    </div>
  );
}

interface ServerProblemsProps {
  readonly problem: unknown;
  readonly list: TargetList;
  retry?(): void;
}

/** What the server found, by line where it concerns one. */
export function ServerProblems({ problem, list, retry }: ServerProblemsProps) {
  if (!(problem instanceof ApiProblem) || problem.problems.length === 0) {
    return (
      <ProblemNotice problem={problem} doing="check the list" {...(retry === undefined ? {} : { retry })} />
    );
  }
  const lines = problem.problems.map(({ path, message }) => ({ line: list.lineAt(path), path, message }));
  const shown = lines.slice(0, 100);
  return (
    <div className="notice bad" role="alert">
      <div>
        <p>
          <strong>The server does not take this.</strong> Nothing was enqueued.
        </p>
        <ul className="line-problems">
          {shown.map(({ line, path, message }) => (
            <li key={`${path} ${message}`}>
              <strong>{line === undefined ? placeWords(path) : `Line ${formatCount(line)}`}</strong>{' '}
              {path.endsWith('.region') && 'region '}
              {message}
            </li>
          ))}
        </ul>
        {lines.length > shown.length && <p>and {formatCount(lines.length - shown.length)} more</p>}
      </div>
    </div>
  );
}

function placeWords(path: string): string {
  return path === 'targets' ? 'The list' : path;
}
