import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { describeProblem } from '../api/api-problem.js';
import { safeReturnPath } from '../routing/route.js';
import { useRouter } from '../routing/router.js';
import { BrandMark } from '../shell/brand-mark.js';
import { useSessionAccess } from './session-provider.js';

/** Asks for a token; where somebody wanted to go is where they get. */
export function LoginView() {
  const { login } = useSessionAccess();
  const { go, query, route } = useRouter();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    document.title = 'Log in · tat-cancel';
    field.current?.focus();
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    if (token === '') {
      setProblem('Enter a token first.');
      field.current?.focus();
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await login(token);
      if (route.view === 'login') go(safeReturnPath(query.get('next')), { replace: true });
    } catch (error) {
      setProblem(describeProblem(error));
      setBusy(false);
      field.current?.select();
    }
  };
  return (
    <main className="login" id="content">
      <form className="panel login-form" onSubmit={submit}>
        <h1 className="brand">
          <BrandMark /> Log in to tat-cancel
        </h1>
        <p className="muted">With an access token of this server. Who runs the server can give you one.</p>
        <label className="field" htmlFor={id}>
          <span className="field-label">Access token</span>
          <input
            ref={field}
            id={id}
            type="password"
            name="token"
            autoComplete="current-password"
            spellCheck={false}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-problem`}
          />
        </label>
        <p className="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? 'Logging in…' : 'Log in'}
        </button>
      </form>
    </main>
  );
}
