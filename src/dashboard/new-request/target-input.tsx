import { type ChangeEvent, type DragEvent, useId, useState } from 'react';
import { describeProblem } from '../api/api-problem.js';
import { countOf } from '../format/format-count.js';
import { Icon } from '../parts/icon.js';
import { readTargetFile } from './read-target-file.js';
import type { TargetList } from './target-list.js';

export interface LoadedFile {
  readonly name: string;
  readonly list: TargetList;
}

interface TargetInputProps {
  readonly text: string;
  readonly file: LoadedFile | undefined;
  onText(text: string): void;
  onFile(file: LoadedFile | undefined): void;
}

/** Targets by paste, by file dialog, or by dropping a file anywhere on it. */
export function TargetInput({ text, file, onText, onFile }: TargetInputProps) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState<string>();
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    setProblem(undefined);
    try {
      onFile({ name: chosen.name, list: await readTargetFile(chosen) });
    } catch (error) {
      setProblem(describeProblem(error));
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const onChoose = (event: ChangeEvent<HTMLInputElement>) => {
    void take(event.target.files?.[0]);
    event.target.value = '';
  };
  const onDragOver = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button beside it is for everybody
    <div
      className={isOver ? 'drop-zone over' : 'drop-zone'}
      onDrop={onDrop}
      onDragOver={onDragOver}
      onDragLeave={() => setOver(false)}
    >
      {file === undefined ? (
        <PasteField id={id} text={text} onText={onText} />
      ) : (
        <p className="chosen-file" role="status">
          <strong>{file.name}</strong>: {countOf(file.list.namedLines, 'line')} with targets{' '}
          <button type="button" className="button" onClick={() => onFile(undefined)}>
            Take it out
          </button>
        </p>
      )}
      <p className="file-choice">
        <input
          id={`${id}-file`}
          type="file"
          className="file-input"
          accept=".csv,.ndjson,.jsonl,.txt"
          onChange={onChoose}
        />
        <label htmlFor={`${id}-file`} className="button">
          <Icon name="upload" /> Choose a file
        </label>{' '}
        <span className="muted">or drop one here: CSV or one JSON target a line</span>
      </p>
      <p className="field-problem" role="alert">
        {problem}
      </p>
    </div>
  );
}

function PasteField({ id, text, onText }: { id: string; text: string; onText: (text: string) => void }) {
  return (
    <>
      <label className="field-label" htmlFor={id}>
        What to cancel
      </label>
      <textarea
        id={id}
        rows={8}
        value={text}
        spellCheck={false}
        autoComplete="off"
        aria-describedby={`${id}-hint`}
        placeholder={'inv-1a2b3c4d\ninv-5e6f7a8b,ins-9c0d1e2f\ninv-5e6f7a8b,ins-3a4b5c6d,ap-singapore'}
        onChange={(event) => onText(event.target.value)}
      />
      <p className="field-hint" id={`${id}-hint`}>
        One a line: an invocation (all of its instances), or an invocation and an instance, with a region if
        need be.
      </p>
    </>
  );
}
