import { type FormEvent, useDeferredValue, useMemo, useRef, useState } from 'react';
import type { PageSettings, RequestDraft, RequestPreview } from '../api/answers.js';
import { ApiProblem, isPassing } from '../api/api-problem.js';
import { api } from '../api/endpoints.js';
import { formatCount } from '../format/format-count.js';
import { type Resource, useResource } from '../live/use-resource.js';
import { useAnnounce } from '../parts/announcements.js';
import { requestPath } from '../routing/route.js';
import { useRouter } from '../routing/router.js';
import { type DraftFacts, DraftFields, emptyFacts, isRegionFine } from './draft-fields.js';
import { IdempotencyKeys } from './idempotency-key.js';
import { PreviewPanel, ServerProblems } from './preview-panel.js';
import { SubmitPanel } from './submit-panel.js';
import { type LoadedFile, TargetInput } from './target-input.js';
import { readTargetList, type TargetList } from './target-list.js';
import { useDebounced } from './use-debounced.js';

export function NewRequestForm() {
  const [text, setText] = useState('');
  const [file, setFile] = useState<LoadedFile>();
  const [facts, setFacts] = useState(emptyFacts);
  const deferredText = useDeferredValue(text);
  const list = useMemo(() => file?.list ?? readTargetList(deferredText), [file, deferredText]);
  const settings = useResource('settings', () => api.settings());
  const isBehind = file === undefined && text !== deferredText;
  const version = useVersion(list);
  const preview = usePreview(list, version, facts.region, isBehind);
  const { submit, isBusy, problem } = useSubmit(list, facts);
  return (
    <form className="new-request" onSubmit={submit} noValidate>
      <section className="panel stack" aria-label="The request">
        <TargetInput text={text} file={file} onText={setText} onFile={setFile} />
        <DraftFields
          facts={facts}
          isRegionMissing={isRegionMissing(preview.problem)}
          onChange={(changes) => setFacts({ ...facts, ...changes })}
        />
      </section>
      <div className="preview-side">
        <PreviewPanel list={list} preview={preview} />
        <SubmitPanel
          key={version}
          preview={preview.problem === undefined ? preview.data : undefined}
          isBusy={isBusy}
          hindrance={hindranceOf(list, settings.data)}
        />
        <ServerProblems problem={problem} list={list} />
        {isPassing(problem) && (
          <p className="muted">
            Press the button again: it stays one request, whatever became of the first try.
          </p>
        )}
      </div>
    </form>
  );
}

/** Another number for every other list, however many instances it has: what was typed to confirm one is not for the next. */
function useVersion(list: TargetList): number {
  const versions = useRef({ list, version: 0 });
  if (versions.current.list !== list) versions.current = { list, version: versions.current.version + 1 };
  return versions.current.version;
}

/** What is known of the list as it is now; what was known of an earlier one must not be confirmed. */
function usePreview(
  list: TargetList,
  version: number,
  region: string,
  isBehind: boolean,
): Resource<RequestPreview> {
  const wanted = `${version} ${region.trim()}`;
  const place = useDebounced(wanted, 300);
  const isUsable = list.targets.length > 0 && list.problemCount === 0 && isRegionFine(region);
  const resource = useResource(isUsable ? place : undefined, (signal) =>
    api.preview(toDraft(list, { ...emptyFacts, region }), signal),
  );
  const isStale = isBehind || place !== wanted || resource.isLoading;
  return isStale ? { ...resource, data: undefined, problem: undefined, isLoading: true } : resource;
}

function useSubmit(list: TargetList, facts: DraftFacts) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [keys] = useState(() => new IdempotencyKeys());
  const announce = useAnnounce();
  const { go } = useRouter();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const draft = toDraft(list, facts);
    setBusy(true);
    setProblem(undefined);
    try {
      const { requestId } = await api.enqueue(draft, keys.keyFor(draft));
      keys.forget();
      announce('Accepted. It will be carried out, whatever becomes of this page.');
      go(requestPath(requestId));
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return { submit, isBusy, problem };
}

function toDraft(list: TargetList, { region, priority, reason, confirm }: DraftFacts): RequestDraft {
  return {
    targets: list.targets,
    ...(region.trim() === '' ? {} : { region: region.trim() }),
    priority,
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    confirm,
  };
}

function hindranceOf(list: TargetList, settings: PageSettings | undefined): string | undefined {
  if (settings === undefined || list.instances <= settings.instancesPerRequest) return undefined;
  return `One request holds at most ${formatCount(settings.instancesPerRequest)} instances. Split the list, or use tat-cancel cancel --file, which does.`;
}

function isRegionMissing(problem: unknown): boolean {
  return (
    problem instanceof ApiProblem &&
    problem.problems.some(({ path, message }) => path.endsWith('.region') && message.includes('missing'))
  );
}
