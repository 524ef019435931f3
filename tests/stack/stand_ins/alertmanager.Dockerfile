FROM hookmeter-debian
COPY alertmanager /bin/alertmanager
RUN ln -s busybox /usr/bin/wget && install -d -o nobody -g nogroup /alertmanager
USER nobody
WORKDIR /alertmanager
VOLUME /alertmanager
ENTRYPOINT ["/bin/alertmanager"]
