// The app's settings in HubSpot: they are kept at Propale, so this leads there.
import React, { useEffect, useState } from 'react';
import {
  Alert,
  Flex,
  Heading,
  Link,
  LoadingButton,
  Text,
  hubspot,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { askForSignIn, type SignIn } from './signIn';
import { wordsFor } from './words';

/** The server's links live for 60 seconds; an older one is not offered. */
const LINK_MS = 55_000;

export function Settings({ linkMs = LINK_MS }: { linkMs?: number }): React.JSX.Element {
  const { user, variables } = useExtensionContext<'settings'>();
  const [signIn, setSignIn] = useState<SignIn | null>(null);
  const [asking, setAsking] = useState(false);
  const locale = user.locale || user.language || 'en';
  const words = wordsFor(locale);
  const backendUrl = variables?.BACKEND_URL;
  const link = signIn && 'url' in signIn ? signIn.url : null;

  useEffect(() => {
    if (!link) return undefined;
    const timer = setTimeout(() => setSignIn(null), linkMs);
    return () => clearTimeout(timer);
  }, [link, linkMs]);

  if (typeof backendUrl !== 'string') {
    return <Alert title={words.noBackendTitle} variant="error">{words.noBackend}</Alert>;
  }
  const ask = async (): Promise<void> => {
    setAsking(true);
    setSignIn(await askForSignIn(backendUrl, locale.slice(0, 2).toLowerCase()));
    setAsking(false);
  };
  return (
    <Flex direction="column" gap="md" align="start">
      <Heading>{words.title}</Heading>
      <Text>{words.text}</Text>
      {signIn && 'refused' in signIn && (
        <Alert title={words.failedTitle} variant="danger">{signIn.refused || words.failed}</Alert>
      )}
      {link ? (
        <Flex direction="column" gap="xs" align="start">
          <Text variant="microcopy">{words.ready}</Text>
          <Link href={{ url: link, external: true }}>{words.follow}</Link>
        </Flex>
      ) : (
        <LoadingButton variant="primary" loading={asking} disabled={asking} onClick={ask} testId="open">
          {words.open}
        </LoadingButton>
      )}
    </Flex>
  );
}

hubspot.extend<'settings'>(() => <Settings />);
