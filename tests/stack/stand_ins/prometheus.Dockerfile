FROM hookmeter-debian
COPY prometheus promtool /bin/
RUN ln -s busybox /usr/bin/wget && install -d -o nobody -g nogroup /prometheus
USER nobody
WORKDIR /prometheus
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
