FROM hookmeter-debian
COPY victoria-metrics /victoria-metrics-prod
RUN ln -s busybox /usr/bin/wget
ENTRYPOINT ["/victoria-metrics-prod"]
