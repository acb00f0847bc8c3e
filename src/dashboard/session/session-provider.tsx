import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import type { Role, Session } from '../api/answers.js';
import { whenLoginIsOver } from '../api/api-client.js';
import { ApiProblem, describeProblem } from '../api/api-problem.js';
import { api } from '../api/endpoints.js';
import { may } from './role.js';

type SessionState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'in'; readonly session: Session };

interface SessionAccess {
  readonly state: SessionState;
  login(token: string): Promise<void>;
  logout(): Promise<void>;
  ask(): Promise<void>;
}

const SessionContext = createContext<SessionAccess | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>({ kind: 'asking' });
  const ask = useCallback(async () => {
    try {
      setState({ kind: 'in', session: await api.session() });
    } catch (problem) {
      const isOut = problem instanceof ApiProblem && problem.status === 401;
      setState(isOut ? { kind: 'none' } : { kind: 'unreachable', message: describeProblem(problem) });
    }
  }, []);
  useEffect(() => {
    whenLoginIsOver(() => setState({ kind: 'none' }));
    void ask();
  }, [ask]);
  const access = useMemo<SessionAccess>(
    () => ({
      state,
      ask,
      login: async (token) => setState({ kind: 'in', session: await api.login(token) }),
      logout: async () => {
        await api.logout();
        setState({ kind: 'none' });
      },
    }),
    [state, ask],
  );
  return <SessionContext value={access}>{children}</SessionContext>;
}

export function useSessionAccess(): SessionAccess {
  const access = use(SessionContext);
  if (access === undefined) throw new Error('useSessionAccess needs a SessionProvider around it');
  return access;
}

/** Who is logged in. Only below the login gate. */
export function useSession(): Session {
  const { state } = useSessionAccess();
  if (state.kind !== 'in') throw new Error('useSession is for views behind the login');
  return state.session;
}

export function useMay(needed: Role): boolean {
  return may(useSession().role, needed);
}
