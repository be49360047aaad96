// As the manual of search-insights says: what is told before its script is there waits in a queue.
window.AlgoliaAnalyticsObject = "aa";
window.aa = (...told) => (window.aa.queue ??= []).push(told);
