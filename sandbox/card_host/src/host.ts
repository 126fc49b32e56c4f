// Entry of the page: reads <script type="application/json" id="card-context"> and mounts the card there.
import { mountCard, type CardPage } from './mount';

const element = document.getElementById('card-context');
if (!element) throw new Error('The page has no <script id="card-context">');
const page = JSON.parse(element.textContent ?? '') as CardPage;
const worker = new Worker(page.workerUrl);
const fail = mountCard(page, worker);
worker.addEventListener('error', (event) => fail(event.message || `${page.workerUrl} did not start`));
