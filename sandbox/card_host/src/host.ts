// Entry of the page: reads each <script type="application/json" class="card-context"> and mounts its card.
import { mountCard, type CardPage } from './mount';

const places = document.querySelectorAll('script.card-context');
for (const place of places) {
  const page = JSON.parse(place.textContent ?? '') as CardPage;
  const worker = new Worker(page.workerUrl);
  const fail = mountCard(page, worker);
  worker.addEventListener('error', (event) => fail(event.message || `${page.workerUrl} did not start`));
}
