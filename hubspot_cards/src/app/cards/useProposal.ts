// The card's memory as React sees it.
import { useEffect, useMemo, useState } from 'react';
import type { CardApi } from './api';
import { EMPTY, PACE, type Memory, type Pace, type Proposal } from './memory';
import { Steps, awaited } from './steps';

/** Reads the deal once, then follows what the user does; `onChange` is called after each change shown. */
export function useProposal(api: CardApi, onChange: () => void, pace: Pace = PACE): Proposal {
  const [memory, setMemory] = useState<Memory>(EMPTY);
  const steps = useMemo(() => new Steps(api, setMemory, onChange, pace), [api]);
  steps.onChange = onChange;

  useEffect(() => {
    steps.alive = true;
    void steps.read('loading');
    return () => steps.stop();
  }, [steps]);

  const following = memory.view?.state === 'taken' && !memory.tired;
  useEffect(() => (following ? steps.follow() : undefined), [following, steps]);

  const waitsFor = awaited(memory.view);
  useEffect(() => (waitsFor ? steps.watch() : undefined), [waitsFor, steps]);

  return { ...memory, ...steps.actions };
}

