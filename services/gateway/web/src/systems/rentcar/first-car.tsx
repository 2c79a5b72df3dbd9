import { useState } from 'preact/hooks';
import { newAttempt } from '../../api/attempt.ts';
import { useCall } from '../../api/use-call.ts';
import { Command } from '../../ui/command.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { cars } from './clients.ts';
import { icon } from './icon.ts';

/** Shown without cars: two ways to register one. */
export function FirstCar({ onRegistered }: { onRegistered: () => void }) {
  const [attempt] = useState(newAttempt);
  const register = useCall(
    async (_: undefined, signal) => await cars.registerCar({ carName: 'SONATA', qty: 10 }, { ...attempt, signal }),
    onRegistered,
  );
  return (
    <Empty icon={icon} title="There is no car yet">
      <p>A new system is empty. Register the first cars as a manager would, by a click or from a terminal:</p>
      <p>
        <button type="button" class="primary" aria-disabled={register.busy} onClick={() => register.run(undefined)}>
          Register ten SONATA
        </button>
      </p>
      {register.problem !== undefined && <ProblemBox problem={register.problem} onRetry={() => register.run(undefined)} />}
      <Command>{`curl ${location.origin}/rentcar/cars -d '{"carName":"SONATA","qty":10}'`}</Command>
    </Empty>
  );
}
