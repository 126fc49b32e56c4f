// What the rep should know although it stops nothing, and where to do something about it.
import React from 'react';
import { Alert, Link } from '@hubspot/ui-extensions';
import type { Warning } from '../apiTypes';

export function Warnings({ warnings }: { warnings: Warning[] }): React.JSX.Element {
  return (
    <>
      {warnings.map((warning, index) => (
        <Alert key={`${warning.code}-${index}`} title={warning.message} variant="tip">
          {warning.link && <Link href={{ url: warning.link, external: true }}>{warning.linkLabel}</Link>}
        </Alert>
      ))}
    </>
  );
}
