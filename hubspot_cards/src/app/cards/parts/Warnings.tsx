// What the rep should know although it stops nothing.
import React from 'react';
import { Alert } from '@hubspot/ui-extensions';
import type { Warning } from '../apiTypes';

export function Warnings({ warnings }: { warnings: Warning[] }): React.JSX.Element {
  return (
    <>
      {warnings.map((warning, index) => (
        <Alert key={`${warning.code}-${index}`} title={warning.message} variant="tip" />
      ))}
    </>
  );
}
