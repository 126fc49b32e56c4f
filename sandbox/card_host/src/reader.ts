// The few words the host says itself follow the user's language.
import { createContext } from 'react';

export const ReaderContext = createContext<'fr' | 'en'>('en');
